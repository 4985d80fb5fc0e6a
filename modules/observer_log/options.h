// SPDX-License-Identifier: MIT
// The options of observer_log, as the server fills them in.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <wse/module.h>

namespace wse::observer_log {

enum class Format : int32_t { kText, kJson };

struct Config {
    const char *file;    // "-": the server's log
    wse_strings events;  // names; none: all
    int32_t format;      // Format
    int64_t buffer;      // bytes that may wait to be written
};

struct Event {
    uint32_t event;  // one of WSE_OBSERVE_*
    const char *name;
    const char *detail;  // what `detail` and `number` of it are called; null: it has none
    const char *number;
};

inline constexpr Event kEvents[] = {
    {WSE_OBSERVE_OPEN, "open", nullptr, nullptr},
    {WSE_OBSERVE_CLOSE, "close", "reason", "code"},
    {WSE_OBSERVE_REFUSED, "refused", "error", nullptr},
    {WSE_OBSERVE_SUBSCRIBE, "subscribe", "queue_group", nullptr},
    {WSE_OBSERVE_UNSUBSCRIBE, "unsubscribe", "queue_group", nullptr},
    {WSE_OBSERVE_PUBLISH, "publish", "type", "bytes"},
};

// The events of these names, of WSE_OBSERVE_*; none when one is unknown.
std::optional<uint32_t> mask_of(const wse_strings &names);

}  // namespace wse::observer_log
