// SPDX-License-Identifier: MIT
// Delivering events to a module of kind app. [service loop]
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "module/app_event.h"
#include "module/instance.h"
#include "module/pending.h"

namespace wse::module {

class AppInbox {
public:
    // WSE_OK: the module has all of them. Anything else: it took none.
    using Taken = std::function<void(Result<void>)>;

    virtual ~AppInbox() = default;
    virtual const std::string &instance_name() const = 0;
    // The bits of what it wants to hear.
    virtual uint32_t wants() const = 0;
    // `taken` comes on this loop exactly once unless the result is destroyed first; never inside
    // this call, and however long the module takes. One at a time.
    virtual std::unique_ptr<Pending> deliver(std::span<const AppEvent> events, Taken taken) = 0;
};

// That of an instance, which outlives it.
class ModuleAppInbox final : public AppInbox {
public:
    // [main] `instance` is of kind app.
    explicit ModuleAppInbox(Instance &instance);

    const std::string &instance_name() const override { return host_.name(); }
    uint32_t wants() const override { return wants_; }
    std::unique_ptr<Pending> deliver(std::span<const AppEvent> events, Taken taken) override;

private:
    Host &host_;
    LoopSide &side_;
    const wse_app_ops &ops_;
    void *const self_;
    const uint32_t wants_;
};

}  // namespace wse::module
