// SPDX-License-Identifier: MIT
#include "server/app_modules.h"

namespace wse::server {

std::vector<std::unique_ptr<module::AppInbox>> app_inboxes_of(const module::ModuleSet &modules) {
    std::vector<std::unique_ptr<module::AppInbox>> inboxes;
    for (module::Instance *instance : modules.all(WSE_KIND_APP))
        inboxes.push_back(std::make_unique<module::ModuleAppInbox>(*instance));
    return inboxes;
}

void check_applications(const config::Loaded &loaded, const module::ModuleSet &modules,
                        config::Diagnostics &diagnostics) {
    const auto &listeners = loaded.settings().listeners;
    for (size_t i = 0; i < listeners.size(); ++i) {
        for (const auto &name : listeners[i].app) {
            if (name == "*" || modules.has(WSE_KIND_APP, name)) continue;
            diagnostics.error(loaded.listen_location(i), "listen." + listeners[i].name + ".app: '" +
                                                             name + "' is no module of kind app");
        }
    }
}

}  // namespace wse::server
