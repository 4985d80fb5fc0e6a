// SPDX-License-Identifier: MIT
// The Authenticator of one (instance, loop) of kind auth. See auth.h for the contract.
#pragma once

#include <memory>
#include <string>

#include <wse/module.h>

#include "module/auth.h"
#include "module/host.h"
#include "module/loop_side.h"

namespace wse::module {

class ModuleAuthenticator final : public Authenticator {
public:
    ModuleAuthenticator(Host &host, LoopSide &side, const wse_auth_ops &ops, void *self)
        : host_(host), side_(side), ops_(ops), self_(self) {}

    const std::string &instance_name() const override { return host_.name(); }
    std::unique_ptr<Pending> authenticate(const AuthRequest &request, Done done) override;
    bool authorize(const Identity &who, Action action, std::string_view topic) override;

private:
    Host &host_;
    LoopSide &side_;
    const wse_auth_ops &ops_;
    void *self_;
};

}  // namespace wse::module
