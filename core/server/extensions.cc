// SPDX-License-Identifier: MIT
#include "server/extensions.h"

#include "module/module_transform.h"

namespace wse::server {

void check_extensions(const config::Loaded &loaded, const module::ModuleSet &modules,
                      config::Diagnostics &diagnostics) {
    const auto &listeners = loaded.settings().listeners;
    for (size_t i = 0; i < listeners.size(); ++i) {
        const std::string &name = listeners[i].extension;
        if (name.empty() || modules.layer(name) == module::Layer::kExtension) continue;
        diagnostics.error(loaded.listen_location(i),
                          "listen." + listeners[i].name + ".extension: '" + name +
                              "' is no module of kind transform that is a WebSocket extension");
    }
}

void add_extensions(const module::ModuleSet &modules, size_t loop,
                    session::Generation &generation) {
    for (const config::Listen &listener : generation.settings->listeners) {
        if (listener.extension.empty() || generation.extensions.contains(listener.extension))
            continue;
        module::Instance *const instance = modules.find(WSE_KIND_TRANSFORM, listener.extension);
        generation.extensions[listener.extension] = std::make_unique<session::ExtensionDesk>(
            std::make_unique<module::ModuleTransform>(*instance, loop));
    }
}

}  // namespace wse::server
