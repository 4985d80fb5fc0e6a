// SPDX-License-Identifier: MIT
#include "server/asked_modules.h"

#include <set>

#include "module/module_application.h"

namespace wse::server {
namespace {

// Of the kind app, and mute: whoever asks it would never be answered.
bool is_mute(const module::ModuleSet &modules, const std::string &name) {
    return !name.empty() && modules.has(WSE_KIND_APP, name) && !modules.can_ask(name);
}

void refuse_mute(const config::Location &at, const char *key, const std::string &name,
                 config::Diagnostics &diagnostics) {
    diagnostics.error(at, std::string(key) + ": '" + name + "' answers no questions");
}

// Snapshots are asked for on the service loop itself.
std::set<std::string> names_in(const config::Settings &settings, const module::ModuleSet &modules) {
    std::set<std::string> names;
    for (const auto &row : settings.topics) {
        if (row.ask_subscribe || row.ask_publish) names.insert(row.ask);
    }
    for (const auto &listener : settings.listeners) {
        if (modules.can_ask(listener.auth)) names.insert(listener.auth);
    }
    return names;
}

}  // namespace

void check_asked(const config::Loaded &loaded, const module::ModuleSet &modules,
                 config::Diagnostics &diagnostics) {
    const auto &settings = loaded.settings();
    for (size_t i = 0; i < settings.listeners.size(); ++i) {
        const std::string &auth = settings.listeners[i].auth;
        if (is_mute(modules, auth)) refuse_mute(loaded.auth_location(i), "auth", auth, diagnostics);
    }
    for (size_t i = 0; i < settings.topics.size(); ++i) {
        const config::TopicRow &row = settings.topics[i];
        if (is_mute(modules, row.snapshot))
            refuse_mute(loaded.snapshot_location(i), "snapshot", row.snapshot, diagnostics);
        if (is_mute(modules, row.ask))
            refuse_mute(loaded.ask_location(i), "ask", row.ask, diagnostics);
        else if (!row.ask.empty() && !modules.can_ask(row.ask))
            diagnostics.error(loaded.ask_location(i),
                              "ask: '" + row.ask + "' is no module of kind app");
    }
}

AskedModules::AskedModules(const config::Settings &settings, const module::ModuleSet &modules,
                           Loop &service, const std::vector<std::unique_ptr<ConnectionLoop>> &loops)
    : broker_(service, AskBroker::Limits{}), fronts_(loops.size()) {
    for (const auto &name : names_in(settings, modules)) {
        broker_.add(std::make_unique<module::ModuleApplication>(*modules.find(WSE_KIND_APP, name)));
        for (size_t i = 0; i < loops.size(); ++i) {
            module::Application &way =
                broker_.way_from(loops[i]->loop(), loops[i]->counters(), name);
            fronts_[i].emplace(name, Front{&way, std::make_unique<module::AppAuthenticator>(way)});
        }
    }
}

session::Applications AskedModules::applications(size_t loop) const {
    session::Applications all;
    for (const auto &[name, front] : fronts_[loop]) all.emplace(name, front.way);
    return all;
}

module::Authenticator *AskedModules::authenticator(const config::Listen &listener,
                                                   size_t loop) const {
    const auto found = fronts_[loop].find(listener.auth);
    return found == fronts_[loop].end() ? nullptr : found->second.authenticator.get();
}

}  // namespace wse::server
