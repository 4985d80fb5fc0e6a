// SPDX-License-Identifier: MIT
#include "server/checks.h"

#include "admin/api_keys.h"
#include "server/app_modules.h"
#include "server/asked_modules.h"
#include "server/backplane_module.h"
#include "server/extensions.h"
#include "server/transform_modules.h"

namespace wse::server {
namespace {

void check_api_keys(const config::Loaded &loaded, config::Diagnostics &diagnostics) {
    const config::Http &settings = loaded.settings().http;
    if (auto keys = admin::ApiKeys::read(settings.keys, settings.key_file); !keys)
        diagnostics.error({}, keys.error().text);
}

void check_authentication(const config::Loaded &loaded, const module::ModuleSet &modules,
                          config::Diagnostics &diagnostics) {
    const auto &listeners = loaded.settings().listeners;
    for (size_t i = 0; i < listeners.size(); ++i) {
        const auto &listener = listeners[i];
        if (modules.has(WSE_KIND_AUTH, listener.auth)) continue;
        if (!listener.auth.empty() && modules.has(WSE_KIND_APP, listener.auth)) continue;
        const config::Location at = loaded.listen_location(i);
        if (!listener.auth.empty()) {
            diagnostics.error(loaded.auth_location(i),
                              "auth: '" + listener.auth + "' is no module of kind auth or app");
        } else if (modules.count(WSE_KIND_AUTH) > 1) {
            // Also where anonymous clients are welcome: somebody must judge the tokens of others.
            diagnostics.error(at,
                              "listen." + listener.name + " has " +
                                  std::to_string(modules.count(WSE_KIND_AUTH)) +
                                  " auth modules to choose from",
                              "name the one that judges its tokens with `auth`");
        } else if (!listener.anonymous) {
            diagnostics.error(
                at, "listen." + listener.name + " has no auth module, so nobody could connect",
                "declare one, or set `anonymous = true`");
        }
    }
}

void check_snapshots(const config::Loaded &loaded, const module::ModuleSet &modules,
                     config::Diagnostics &diagnostics) {
    const auto &rows = loaded.settings().topics;
    for (size_t i = 0; i < rows.size(); ++i) {
        const std::string &name = rows[i].snapshot;
        if (name.empty() || modules.has(WSE_KIND_SNAPSHOT, name)) continue;
        if (modules.has(WSE_KIND_APP, name)) continue;
        diagnostics.error(loaded.snapshot_location(i),
                          "snapshot: '" + name + "' is no module of kind snapshot or app");
    }
}

}  // namespace

void check_promises(const config::Loaded &loaded, const module::ModuleSet &modules,
                    config::Diagnostics &diagnostics) {
    check_api_keys(loaded, diagnostics);
    // Of modules that are not there, no more is to be said.
    if (!diagnostics.ok()) return;
    check_authentication(loaded, modules, diagnostics);
    check_snapshots(loaded, modules, diagnostics);
    check_asked(loaded, modules, diagnostics);
    check_extensions(loaded, modules, diagnostics);
    check_signing(loaded, modules, diagnostics);
    check_backplane(loaded, modules, diagnostics);
    check_applications(loaded, modules, diagnostics);
}

}  // namespace wse::server
