// SPDX-License-Identifier: MIT
#include "server/backplane_module.h"

#include <algorithm>

#include "proto/codes.h"
#include "session/session.h"

namespace wse::server {
namespace {

void check_scopes(const config::Loaded &loaded, config::Diagnostics &diagnostics) {
    const auto &rows = loaded.settings().topics;
    for (size_t i = 0; i < rows.size(); ++i) {
        const auto at = loaded.scope_location(i);
        if (!at || rows[i].scope != config::Scope::kCluster) continue;
        diagnostics.warning(*at, "topic.scope: cluster, and no module joins this host with others",
                            "declare one of kind backplane, or leave the scope out");
    }
}

}  // namespace

void check_backplane(const config::Loaded &loaded, const module::ModuleSet &modules,
                     config::Diagnostics &diagnostics) {
    if (modules.count(WSE_KIND_BACKPLANE) == 0) return check_scopes(loaded, diagnostics);
    std::string first;
    const auto &entries = loaded.settings().modules;
    for (size_t i = 0; i < entries.size(); ++i) {
        const std::string &name = entries[i].name;
        if (!modules.has(WSE_KIND_BACKPLANE, name)) continue;
        if (first.empty()) {
            first = name;
            continue;
        }
        std::string problem = "module." + name;
        problem.append(": a second module of kind backplane, beside module.").append(first);
        diagnostics.error(loaded.module_location(i), problem,
                          "a host is in one cluster; take one of them away");
    }
}

void close_clustered(const std::vector<std::unique_ptr<ConnectionLoop>> &loops,
                     const hub::PolicyOf &policy_of) {
    for (const auto &loop : loops) {
        loop->loop().post([&context = loop->context(), policy_of] {
            // Closing leaves a session in the list until its connection has gone.
            for (const auto &[serial, session] : context.sessions) {
                const auto topics = session->topics();
                const bool shares =
                    std::any_of(topics.begin(), topics.end(),
                                [&](const auto &topic) { return policy_of(topic).clustered; });
                if (shares) session->close(proto::close::kRestart, "the cluster is out of reach");
            }
        });
    }
}

}  // namespace wse::server
