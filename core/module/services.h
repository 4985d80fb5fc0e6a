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
    using CalledDone = std::function<void(int32_t status, std::string_view answer)>;
    using PlacedDone = std::function<void(int32_t status, uint64_t epoch, uint64_t offset)>;

    virtual ~Services() = default;
    // [any] On behalf of an instance.
    virtual int32_t publish(const std::string &instance, const wse_message &message) = 0;
    // [service loop] On WSE_OK `done` comes on this loop, later, exactly once.
    virtual int32_t history(std::string_view topic, uint64_t count, HistoryDone done) = 0;
    // Likewise, with the place that the message was given; zeros: a module has dropped it.
    virtual int32_t publish_then(const std::string &instance, const wse_message &message,
                                 PlacedDone done) = 0;
    // What a backplane brings in. The structs are those of ABI 1.0 at least, their content is
    // unchecked. WSE_EAGAIN: the same once more, in a moment.
    virtual int32_t remote_message(const std::string &instance, const wse_message &message) = 0;
    virtual int32_t followed(const std::string &instance, const wse_followed &followed) = 0;
    virtual int32_t remote_fact(const std::string &instance, const wse_fact &fact) = 0;
    virtual int32_t broadcast_received(const std::string &instance, std::string_view data) = 0;
    virtual void health(const std::string &instance, int32_t status, std::string_view text) = 0;
    // Of an application. `done` comes on this loop, later, exactly once if the status is WSE_OK; it
    // may be empty. Its answer is borrowed for the call.
    virtual int32_t app_command(const std::string &instance, const wse_app_command &command,
                                CalledDone done) = 0;
    virtual int32_t api_call(const std::string &instance, std::string_view operation,
                             std::string_view params, CalledDone done) = 0;
    virtual int32_t batch_progress(const std::string &instance) = 0;
};

}  // namespace wse::module
