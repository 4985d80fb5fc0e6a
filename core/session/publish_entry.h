// SPDX-License-Identifier: MIT
// PublishEntry: where a publish enters, whoever makes it. The one way from what a publisher asks
// for to what the hub gets: checked, shaped by the modules of kind event, and checked again.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/counters.h"
#include "base/result.h"
#include "config/settings.h"
#include "module/event.h"
#include "proto/message.h"

namespace wse::session {

using Shapers = std::vector<std::unique_ptr<module::EventShaper>>;

// Of one loop, on which it is used; everything outlives it.
struct PublishEntry {
    const config::Limits &limits;
    config::OnFailure on_failure;
    const Shapers &shapers;  // in the order in which they are asked
    const Clock &clock;
    Counters &counters;

    // Nothing: a module has dropped the event, and the publisher is told that all is in order.
    // WSE_EINVAL, WSE_ETOOBIG: as make_publication says, for the publisher. WSE_EIO: a module has
    // failed, and events.on_failure refuses what is not shaped. `user`: of a client, or empty.
    Result<std::optional<proto::Publication>> enter(const proto::PublishFields &fields,
                                                    module::Source source,
                                                    std::string_view user) const;

private:
    enum class Outcome { kGoesOn, kDropped, kFailed };
    struct Draft;
    Outcome shape(module::EventShaper &shaper, module::Source source, std::string_view user,
                  Draft &draft) const;
    proto::PublishLimits publish_limits() const;
};

}  // namespace wse::session
