// SPDX-License-Identifier: MIT
// The Application that is an instance of kind app. See application.h for the contract.
// [service loop]
#pragma once

#include <memory>
#include <string>

#include "module/application.h"
#include "module/instance.h"

namespace wse::module {

class ModuleApplication final : public Application {
public:
    // [main] `instance` is of kind app, has `ask`, and outlives it.
    explicit ModuleApplication(Instance &instance);

    const std::string &instance_name() const override { return host_.name(); }
    std::unique_ptr<Pending> ask(const AppQuestion &question, Done done) override;

private:
    Host &host_;
    LoopSide &side_;
    const wse_app_ops &ops_;
    void *const self_;
};

}  // namespace wse::module
