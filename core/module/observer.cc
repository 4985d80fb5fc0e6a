// SPDX-License-Identifier: MIT
#include "module/observer.h"

#include "base/assert.h"
#include "module/bytes.h"
#include "module/call.h"

namespace wse::module {

Observer::Observer(Instance &instance)
    : side_(&instance.host().side(0)),
      ops_(&instance.descriptor().observer),
      self_(instance.self()),
      mask_(ops_->mask & (ops_->wants ? ops_->wants(self_) : ~uint32_t{0})) {
    WSE_ASSERT(instance.descriptor().def.kind == WSE_KIND_OBSERVER,
               "an observer of a module of another kind");
}

void Observer::observe(const Observation &observation) {
    WSE_ASSERT(side_->loop().on_thread(), "observe outside the loop of the observer");
    if ((mask_ & observation.event) == 0 || side_->stopping()) return;
    const wse_observation abi = {
        .struct_size = sizeof abi,
        .event = observation.event,
        .time_ms = observation.time_ms,
        .connection = to_bytes(observation.connection),
        .user = to_bytes(observation.user),
        .peer = to_bytes(observation.peer),
        .listener = to_bytes(observation.listener),
        .topic = to_bytes(observation.topic),
        .detail = to_bytes(observation.detail),
        .number = observation.number,
    };
    const Call call(*side_, "observe");
    ops_->observe(self_, side_->abi(), &abi);
}

}  // namespace wse::module
