// SPDX-License-Identifier: MIT
// What modules ask of the rest of the server. Each function answers with a WSE_* status.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include <wse/module.h>

namespace wse::module {

class Services {
public:
    // Oldest first; borrowed for the call.
    using HistoryDone = std::function<void(int32_t status, std::span<const wse_message> messages)>;

    virtual ~Services() = default;
    // [any] On behalf of an instance.
    virtual int32_t publish(const std::string &instance, const wse_message &message) = 0;
    // [service loop] On WSE_OK `done` comes on this loop, later, exactly once.
    virtual int32_t history(std::string_view topic, uint64_t count, HistoryDone done) = 0;
    virtual int32_t remote_message(const std::string &instance, const wse_message &message) = 0;
    virtual int32_t app_command(const std::string &instance, const wse_app_command &command) = 0;
};

}  // namespace wse::module
