// SPDX-License-Identifier: MIT
#include "server/transform_modules.h"

#include "module/module_transform.h"

namespace wse::server {

session::Transforms transforms_of(const module::ModuleSet &modules, size_t loop) {
    session::Transforms transforms;
    for (module::Instance *instance : modules.all(WSE_KIND_TRANSFORM)) {
        if (instance->descriptor().transform.layer != WSE_LAYER_EXTENSION)
            transforms.push_back(std::make_unique<module::ModuleTransform>(*instance, loop));
    }
    return transforms;
}

void check_signing(const config::Loaded &loaded, const module::ModuleSet &modules,
                   config::Diagnostics &diagnostics) {
    const auto &listeners = loaded.settings().listeners;
    for (size_t i = 0; i < listeners.size(); ++i) {
        if (listeners[i].signed_types.empty() || modules.has_signer()) continue;
        diagnostics.error(loaded.listen_location(i),
                          "listen." + listeners[i].name +
                              ": signed_types needs a module that signs: [module.encrypt_aesgcm]");
    }
}

}  // namespace wse::server
