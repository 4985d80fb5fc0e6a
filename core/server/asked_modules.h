// SPDX-License-Identifier: MIT
// Applications that the configuration has asked: who they are, and the ways to them. [main]
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "config/load.h"
#include "module/set.h"
#include "module/stand_in.h"
#include "server/ask_broker.h"
#include "server/connection_loop.h"
#include "session/context.h"

namespace wse::server {

// Every application that a listener or a [[topic]] has asked is one, and can be asked; problems go
// to `diagnostics`.
void check_asked(const config::Loaded &loaded, const module::ModuleSet &modules,
                 config::Diagnostics &diagnostics);

// What the loops ask applications through.
class AskedModules {
public:
    // Once the modules have been created. All outlive it.
    AskedModules(const config::Settings &settings, const module::ModuleSet &modules, Loop &service,
                 const std::vector<std::unique_ptr<ConnectionLoop>> &loops);

    // Those that topics name, for the sessions of a loop.
    session::Applications applications(size_t loop) const;
    // That of the listener, or null: its `auth` names none.
    module::Authenticator *authenticator(const config::Listen &listener, size_t loop) const;
    // [service loop]
    void stop() { broker_.stop(); }

private:
    struct Front {
        module::Application *way = nullptr;
        std::unique_ptr<module::AppAuthenticator> authenticator;
    };

    AskBroker broker_;
    std::vector<std::map<std::string, Front, std::less<>>> fronts_;  // by loop, then by name
};

}  // namespace wse::server
