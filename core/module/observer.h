// SPDX-License-Identifier: MIT
// Telling a module of kind observer what happens.
#pragma once

#include <cstdint>

#include <wse/module.h>

#include "module/instance.h"
#include "module/observation.h"

namespace wse::module {

// An instance of kind observer. [service loop]
class Observer {
public:
    // [main] The instance outlives it.
    explicit Observer(Instance &instance);
    // Of WSE_OBSERVE_*: what it wants to hear of.
    uint32_t mask() const { return mask_; }
    // Tells the module, when it wants the event and was not asked to stop.
    void observe(const Observation &observation);

private:
    LoopSide *side_;
    const wse_observer_ops *ops_;
    void *self_;
    uint32_t mask_;
};

}  // namespace wse::module
