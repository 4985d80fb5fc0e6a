// SPDX-License-Identifier: MIT
#include "server/unused_modules.h"

#include <algorithm>

#include "base/log.h"

namespace wse::server {
namespace {

bool judges_a_listener(const config::Settings &settings, const module::ModuleSet &modules,
                       const module::Instance &instance) {
    return std::any_of(settings.listeners.begin(), settings.listeners.end(),
                       [&](const config::Listen &listener) {
                           return modules.find(WSE_KIND_AUTH, listener.auth) == &instance;
                       });
}

bool has_the_state_of_topics(const config::Settings &settings, const module::Instance &instance) {
    return std::any_of(settings.topics.begin(), settings.topics.end(),
                       [&](const auto &row) { return row.snapshot == instance.name(); });
}

bool is_offered_by_a_listener(const config::Settings &settings, const module::Instance &instance) {
    return std::any_of(settings.listeners.begin(), settings.listeners.end(),
                       [&](const auto &listener) { return listener.extension == instance.name(); });
}

}  // namespace

std::string unused_because(const config::Settings &settings, const module::ModuleSet &modules,
                           const module::Instance &instance) {
    switch (instance.descriptor().def.kind) {
        case WSE_KIND_AUTH:
            return judges_a_listener(settings, modules, instance) ? "" : "no listener names it";
        case WSE_KIND_SNAPSHOT:
            return has_the_state_of_topics(settings, instance) ? "" : "no [[topic]] row names it";
        case WSE_KIND_TRANSFORM:
            if (instance.descriptor().transform.layer == WSE_LAYER_EXTENSION)
                return is_offered_by_a_listener(settings, instance) ? "" : "no listener names it";
            return "";
        default:
            return "";
    }
}

void warn_of_unused(const config::Settings &settings, const module::ModuleSet &modules) {
    for (const module::Instance *instance : modules.all()) {
        const std::string reason = unused_because(settings, modules, *instance);
        if (!reason.empty())
            log::warn("module", "module.unused",
                      {{"module", instance->name()},
                       {"kind", module::kind_name(instance->descriptor().def.kind)},
                       {"reason", reason}});
    }
}

}  // namespace wse::server
