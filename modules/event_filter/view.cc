// SPDX-License-Identifier: MIT
#include "view.h"

#include <charconv>
#include <utility>

#include "json_text/json_text.h"

namespace wse::event_filter {
namespace {

constexpr size_t kSmall = 16;  // members that are looked through as they stand

std::string_view text_of(wse_bytes bytes) {
    return {static_cast<const char *>(bytes.data), bytes.len};
}

bool is_small(const cJSON *node) {
    size_t count = 0;
    for (const cJSON *child = node->child; child && count <= kSmall; child = child->next) ++count;
    return count <= kSmall;
}

const cJSON *among(const cJSON *child, std::string_view name) {
    while (child && name != child->string) child = child->next;
    return child;
}

const cJSON *at(const cJSON *child, size_t number) {
    for (; child && number > 0; --number) child = child->next;
    return child;
}

// A place in an array; SIZE_MAX: none.
size_t number_of(const std::string &name) {
    size_t number = 0;
    const char *const end = name.data() + name.size();
    const auto [stop, error] = std::from_chars(name.data(), end, number);
    return error == std::errc() && stop == end ? number : SIZE_MAX;
}

// False: memory is short.
bool add_text(cJSON *object, const char *name, wse_bytes bytes) {
    return cJSON_AddStringToObject(object, name, std::string(text_of(bytes)).c_str()) != nullptr;
}

}  // namespace

std::unique_ptr<View> View::read(const wse_message &message) {
    const std::string_view text = text_of(message.payload);
    // It bounds the depth as well, which cJSON descends by recursion.
    if (!json_text::is_json(text)) return nullptr;
    Tree payload(cJSON_ParseWithLength(text.data(), text.size()));
    if (!cJSON_IsObject(payload.get())) return nullptr;
    Tree envelope(cJSON_CreateObject());
    const bool is_whole = add_text(envelope.get(), "topic", message.topic) &&
                          add_text(envelope.get(), "type", message.type) &&
                          add_text(envelope.get(), "id", message.id) &&
                          cJSON_AddNumberToObject(envelope.get(), "priority", message.priority);
    if (!is_whole) return nullptr;
    return std::unique_ptr<View>(new View(std::move(payload), std::move(envelope)));
}

const cJSON *View::find(const Path &path) const {
    const bool is_envelope = path.front() == "_event";
    const cJSON *node = is_envelope ? envelope_.get() : payload_.get();
    for (size_t i = is_envelope ? 1 : 0; i < path.size() && node; ++i) node = step(node, path[i]);
    return node;
}

const cJSON *View::step(const cJSON *node, const std::string &name) const {
    if (cJSON_IsObject(node)) {
        if (is_small(node)) return among(node->child, name);
        const auto &names = index_of(node).names;
        const auto found = names.find(name);
        return found == names.end() ? nullptr : found->second;
    }
    if (!cJSON_IsArray(node)) return nullptr;
    const size_t number = number_of(name);
    if (number == SIZE_MAX) return nullptr;
    if (is_small(node)) return at(node->child, number);
    const auto &items = index_of(node).items;
    return number < items.size() ? items[number] : nullptr;
}

const View::Index &View::index_of(const cJSON *node) const {
    const auto known = indexes_.find(node);
    if (known != indexes_.end()) return known->second;
    Index index;  // kept when it is whole: memory may run out within it
    for (const cJSON *child = node->child; child; child = child->next) {
        if (child->string) {
            index.names.emplace(child->string, child);
        } else {
            index.items.push_back(child);
        }
    }
    return indexes_.emplace(node, std::move(index)).first->second;
}

}  // namespace wse::event_filter
