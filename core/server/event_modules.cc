// SPDX-License-Identifier: MIT
#include "server/event_modules.h"

#include "module/module_event.h"

namespace wse::server {

session::Shapers shapers_of(const module::ModuleSet &modules, size_t loop) {
    session::Shapers shapers;
    for (module::Instance *instance : modules.all(WSE_KIND_EVENT)) {
        if (module::ModuleShaper::is_offered_by(*instance))
            shapers.push_back(std::make_unique<module::ModuleShaper>(*instance, loop));
    }
    return shapers;
}

std::unique_ptr<session::FilterTable> filters_of(const module::ModuleSet &modules, size_t loop) {
    for (module::Instance *instance : modules.all(WSE_KIND_EVENT)) {
        if (module::ModuleFilters::is_offered_by(*instance))
            return std::make_unique<session::FilterTable>(
                std::make_unique<module::ModuleFilters>(*instance, loop));
    }
    return nullptr;
}

}  // namespace wse::server
