// SPDX-License-Identifier: MIT
#include "config/load.h"

#include <cstdlib>

#include "base/assert.h"
#include "config/binder.h"
#include "config/check.h"
#include "config/document.h"
#include "config/fill.h"
#include "config/read.h"
#include "config/shape.h"

namespace wse::config {

Loaded::Loaded() : document_(std::make_unique<Document>()) {}
Loaded::~Loaded() = default;
Loaded::Loaded(Loaded &&) noexcept = default;
Loaded &Loaded::operator=(Loaded &&) noexcept = default;

const Settings &Loaded::settings() const {
    return document_->settings;
}

Location Loaded::module_location(size_t module_index) const {
    WSE_ASSERT(module_index < document_->module_at.size(), "no module of that index");
    return document_->module_at[module_index];
}

Location Loaded::load_location(size_t module_index) const {
    WSE_ASSERT(module_index < document_->load_at.size(), "no module of that index");
    return document_->load_at[module_index];
}

Location Loaded::listen_location(size_t listener_index) const {
    WSE_ASSERT(listener_index < document_->listen_at.size(), "no listener of that index");
    return document_->listen_at[listener_index];
}

Location Loaded::tls_location(size_t listener_index, const char *key, size_t item) const {
    const std::vector<Instance> all = instances_of(*document_, section("listen"));
    WSE_ASSERT(listener_index < all.size(), "no listener of that index");
    const Instance &listener = all[listener_index];
    return place_of_item(listener.table->find_table("tls"), key, item, listener.at);
}

Location Loaded::snapshot_location(size_t topic_index) const {
    WSE_ASSERT(topic_index < document_->snapshot_at.size(), "no topic row of that index");
    return document_->snapshot_at[topic_index];
}

Location Loaded::auth_location(size_t listener_index) const {
    const std::vector<Instance> all = instances_of(*document_, section("listen"));
    WSE_ASSERT(listener_index < all.size(), "no listener of that index");
    return place_of_key(all[listener_index].table, "auth", all[listener_index].at);
}

Location Loaded::ask_location(size_t topic_index) const {
    const std::vector<Instance> all = instances_of(*document_, section("topic"));
    WSE_ASSERT(topic_index < all.size(), "no topic row of that index");
    return place_of_key(all[topic_index].table, "ask", all[topic_index].at);
}

std::optional<Location> Loaded::scope_location(size_t topic_index) const {
    const std::vector<Instance> all = instances_of(*document_, section("topic"));
    WSE_ASSERT(topic_index < all.size(), "no topic row of that index");
    const Member *const scope = all[topic_index].table->find("scope");
    return scope ? std::optional(scope->value.at) : std::nullopt;
}

Loaded load(const LoadRequest &request, Diagnostics &diagnostics) {
    Loaded loaded;
    Document &document = *loaded.document_;
    document.getenv = request.getenv;
    if (!document.getenv) document.getenv = [](const char *name) { return std::getenv(name); };
    read_sources(request, document, diagnostics);
    // A main file that cannot be read says nothing about the rest.
    if (document.readable) {
        fill_settings(document, diagnostics);
        check_settings(document, diagnostics);
    }
    return loaded;
}

bool bind_module(const Loaded &loaded, size_t module_index, const OptionTable &table, void *config,
                 Arena &arena, Diagnostics &diagnostics) {
    const Document &document = loaded.document();
    WSE_ASSERT(module_index < document.settings.modules.size(), "no module of that index");
    return Binder(document, arena, diagnostics)
        .bind(place_of_module(document, module_index), table, config);
}

}  // namespace wse::config
