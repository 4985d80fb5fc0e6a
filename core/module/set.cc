// SPDX-License-Identifier: MIT
#include "module/set.h"

#include <algorithm>
#include <map>
#include <utility>

namespace wse::module {

// A plan until create(), then an instance.
struct ModuleSet::Item {
    size_t index = 0;  // in settings().modules
    std::string name;
    wse_kind kind = 0;
    Plan plan;
    std::unique_ptr<Instance> instance;
};

ModuleSet::ModuleSet() = default;

ModuleSet::~ModuleSet() {
    stop();
    destroy_all();
}

std::unique_ptr<ModuleSet> ModuleSet::load(const config::Loaded &loaded,
                                           config::Diagnostics &diagnostics) {
    std::unique_ptr<ModuleSet> set(new ModuleSet());
    for (size_t i = 0; i < loaded.settings().modules.size(); ++i)
        set->load_one(loaded, i, diagnostics);
    set->check_filters(loaded, diagnostics);
    set->check_prefixes(loaded, diagnostics);
    return set;
}

// A filter is a client's: it names no module, so there is one that reads it.
void ModuleSet::check_filters(const config::Loaded &loaded,
                              config::Diagnostics &diagnostics) const {
    const Item *first = nullptr;
    for (const Item &item : items_) {
        if (!item.plan.library->descriptor().event.compile) continue;
        if (first) {
            diagnostics.error(loaded.module_location(item.index),
                              "'" + item.name + "' offers filters, and so does '" + first->name +
                                  "': only one module can");
        } else {
            first = &item;
        }
    }
}

bool ModuleSet::has_signer() const {
    return std::any_of(items_.begin(), items_.end(), [](const Item &item) {
        const wse_transform_ops &ops = item.plan.library->descriptor().transform;
        return ops.layer == WSE_LAYER_CIPHER && ops.sign;
    });
}

// A message that a client sends names no module either, but begins with a prefix.
void ModuleSet::check_prefixes(const config::Loaded &loaded,
                               config::Diagnostics &diagnostics) const {
    std::map<std::string_view, const Item *> owners;
    for (const Item &item : items_) {
        const wse_transform_ops &ops = item.plan.library->descriptor().transform;
        if (item.kind != WSE_KIND_TRANSFORM || ops.layer == WSE_LAYER_EXTENSION) continue;
        const auto [owner, is_new] = owners.emplace(ops.prefix, &item);
        if (is_new) continue;
        diagnostics.error(loaded.module_location(item.index),
                          "'" + item.name + "' and '" + owner->second->name +
                              "' put the same prefix '" + ops.prefix +
                              "' in front of messages: only one module can");
    }
}

void ModuleSet::load_one(const config::Loaded &loaded, size_t index,
                         config::Diagnostics &diagnostics) {
    const config::ModuleEntry &entry = loaded.settings().modules[index];
    const auto same_name = [&](const Item &other) { return other.name == entry.name; };
    if (std::any_of(items_.begin(), items_.end(), same_name))
        return diagnostics.error(loaded.module_location(index),
                                 entry.path + ": instance '" + entry.name +
                                     "' is loaded twice; give one of them another name");

    auto library = Library::open(entry.path);
    if (!library) return diagnostics.error(loaded.load_location(index), library.error().text);
    Item item;
    item.index = index;
    item.name = entry.name;
    item.kind = (*library)->descriptor().def.kind;
    Plan &plan = item.plan;
    plan.name = entry.name;
    plan.library = std::move(*library);
    plan.config = plan.arena.allocate(std::max<size_t>(plan.def().config_size, 1));

    const config::OptionTable table = plan.library->descriptor().options();
    if (config::bind_module(loaded, index, table, plan.config, plan.arena, diagnostics)) {
        if (auto verdict = plan.check(); !verdict)
            diagnostics.error(loaded.module_location(index), verdict.error().text);
    }
    items_.push_back(std::move(item));
}

std::vector<config::ModuleTable> ModuleSet::tables() const {
    std::vector<config::ModuleTable> tables;
    for (const Item &item : items_)
        if (item.plan.library)
            tables.push_back({item.index, item.plan.library->descriptor().options()});
    return tables;
}

bool ModuleSet::create(const Surroundings &surroundings, const config::Loaded &loaded,
                       config::Diagnostics &diagnostics) {
    for (Item &item : items_) {
        auto instance = Instance::create(std::move(item.plan), surroundings);
        if (!instance) {
            diagnostics.error(loaded.module_location(item.index), instance.error().text);
            destroy_all();
            return false;
        }
        item.instance = std::move(*instance);
    }
    return true;
}

Result<void> ModuleSet::start() {
    for (const Item &item : items_) {
        if (auto started = item.instance->start(); !started) {
            stop();
            return started;
        }
    }
    return {};
}

bool ModuleSet::stop() {
    // All are asked before any is waited for, so the deadlines run side by side.
    for (auto item = items_.rbegin(); item != items_.rend(); ++item)
        if (item->instance) item->instance->begin_stop();
    bool in_time = true;
    for (auto item = items_.rbegin(); item != items_.rend(); ++item)
        if (item->instance) in_time = item->instance->wait_stopped() && in_time;
    return in_time;
}

void ModuleSet::destroy_all() {
    while (!items_.empty()) items_.pop_back();
}

const ModuleSet::Item *ModuleSet::find_item(wse_kind kind, std::string_view name) const {
    const Item *found = nullptr;
    for (const Item &item : items_) {
        if (item.kind != kind || (!name.empty() && item.name != name)) continue;
        if (found) return nullptr;  // which of them?
        found = &item;
    }
    return found;
}

bool ModuleSet::has(wse_kind kind, std::string_view name) const {
    return find_item(kind, name) != nullptr;
}

size_t ModuleSet::count(wse_kind kind) const {
    return static_cast<size_t>(std::count_if(
        items_.begin(), items_.end(), [kind](const Item &item) { return item.kind == kind; }));
}

std::optional<Layer> ModuleSet::layer(std::string_view transform) const {
    const Item *item = find_item(WSE_KIND_TRANSFORM, transform);
    if (!item) return std::nullopt;
    const Descriptor &descriptor =
        item->instance ? item->instance->descriptor() : item->plan.library->descriptor();
    return static_cast<Layer>(descriptor.transform.layer);
}

bool ModuleSet::can_ask(std::string_view app) const {
    const Item *item = app.empty() ? nullptr : find_item(WSE_KIND_APP, app);
    if (!item) return false;
    const Descriptor &descriptor =
        item->instance ? item->instance->descriptor() : item->plan.library->descriptor();
    return descriptor.app.ask != nullptr;
}

Authenticator *ModuleSet::authenticator(std::string_view name, size_t loop) const {
    const Instance *instance = find(WSE_KIND_AUTH, name);
    return instance ? instance->authenticator(loop) : nullptr;
}

Instance *ModuleSet::find(wse_kind kind, std::string_view name) const {
    const Item *item = find_item(kind, name);
    return item ? item->instance.get() : nullptr;
}

std::vector<Instance *> ModuleSet::all() const {
    std::vector<Instance *> instances;
    for (const Item &item : items_)
        if (item.instance) instances.push_back(item.instance.get());
    return instances;
}

std::vector<Instance *> ModuleSet::all(wse_kind kind) const {
    std::vector<Instance *> instances = all();
    std::erase_if(instances, [kind](const Instance *instance) {
        return instance->descriptor().def.kind != kind;
    });
    return instances;
}

std::vector<ModuleRow> ModuleSet::rows() const {
    std::vector<ModuleRow> rows;
    for (const Item &item : items_) {
        if (!item.instance) continue;
        const Instance &instance = *item.instance;
        const wse_module_def &def = instance.library().descriptor().def;
        rows.push_back({instance.name(), def.name, def.version, kind_name(def.kind),
                        instance.library().path(), instance.loops(), instance.tokens_outstanding(),
                        instance.tokens_oldest_ms(), instance.host().slow_calls(),
                        instance.host().slowest_ms()});
    }
    return rows;
}

std::vector<StatRow> ModuleSet::stats() const {
    std::vector<StatRow> rows;
    for (const Item &item : items_) {
        if (!item.instance) continue;
        for (auto &row : item.instance->host().stats().rows(item.instance->name()))
            rows.push_back(std::move(row));
    }
    return rows;
}

}  // namespace wse::module
