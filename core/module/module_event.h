// SPDX-License-Identifier: MIT
// One loop of a module of kind event. See event.h for the contract.
#pragma once

#include <string>

#include <wse/module.h>

#include "module/event.h"
#include "module/instance.h"

namespace wse::module {

class ModuleShaper final : public EventShaper {
public:
    // The instance outlives it, and has a shape.
    ModuleShaper(Instance &instance, size_t loop)
        : instance_(instance), side_(instance.host().side(loop)) {}

    static bool is_offered_by(const Instance &instance);
    const std::string &instance_name() const override { return instance_.name(); }
    int32_t shape(const Event &event, Source source, std::string_view user, uint64_t now_ms,
                  Shaping &shaping) override;

private:
    Instance &instance_;
    LoopSide &side_;
};

class ModuleFilters final : public EventFilters {
public:
    // The instance outlives it, and has filters.
    ModuleFilters(Instance &instance, size_t loop)
        : ops_(instance.descriptor().event),
          self_(instance.self()),
          side_(instance.host().side(loop)) {}

    static bool is_offered_by(const Instance &instance);
    Result<void *> compile(std::string_view criteria) override;
    void discard(void *filter) override;
    Result<void *> read(const Event &event) override;
    bool match(const void *filter, const void *view) override;
    void close(void *view) override;

private:
    const wse_event_ops &ops_;
    void *self_;
    LoopSide &side_;
};

}  // namespace wse::module
