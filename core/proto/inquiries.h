// SPDX-License-Identifier: MIT
// What clients ask about their connection and the server, and what they set for it: questions that
// version 1.3 answered. Nothing in an answer is null (rule M16), and nothing is of another client.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "proto/client_message.h"

namespace wse::proto {

// Of one connection and its server, at one moment.
struct Facts {
    std::string_view connection_id = {};
    std::string_view user = {};
    std::string_view client_version = {};
    std::string_view server_version = {};
    std::string_view listener = {};
    bool draining = false;
    uint64_t wall_ms = 0;
    uint64_t connected_ms = 0;
    uint64_t expires_ms = 0;  // of its token; 0: never
    uint64_t idle_ms = 0;
    uint64_t messages_in = 0, messages_out = 0;
    uint64_t queued_bytes = 0, queued_messages = 0;
    uint64_t subscriptions = 0;
    uint64_t behind = 0;   // topics that wait until the client has read the rest
    uint64_t dropped = 0;  // messages it will not get, because it was slow
    uint64_t rate_left = 0, rate_capacity = 0, rate_refill = 0;
    uint64_t max_message_size = 0;
    uint64_t heartbeat_ms = 0, idle_timeout_ms = 0;
};

std::string health_check_response(const Facts &facts);
std::string metrics_response(const Facts &facts);
std::string connection_state_response(const Facts &facts);
std::string sequence_stats_response(const Facts &facts);
std::string system_status(const Facts &facts);
// `types`: of the messages that the server takes.
std::string debug_response(const Facts &facts, std::span<const std::string> topics,
                           std::span<const std::string_view> types);

// What holds for one connection.
struct Preferences {
    bool compression_enabled = true;
    uint64_t compression_threshold = 0;  // 0: as the server has it
    bool batching_enabled = false;
    uint64_t batch_size = 0;
    uint64_t batch_timeout_ms = 0;
    uint64_t max_queue_size = 0;  // 0: its bytes alone count
};
std::string config_response(const Facts &facts, const Preferences &preferences);

// What is absent stays as it is.
struct ConfigUpdate {
    std::optional<bool> compression_enabled = {};
    std::optional<uint64_t> compression_threshold = {};  // 512 to 10240
    std::optional<bool> batching_enabled = {};
    std::optional<uint64_t> batch_size = {};        // 1 to 100
    std::optional<uint64_t> batch_timeout_ms = {};  // 10 to 5000, from seconds
    std::optional<uint64_t> max_queue_size = {};    // 100 to 5000
};
// All or nothing: the error names what is out of its range. Other members are passed over.
Result<ConfigUpdate> parse_config_update(std::string_view payload);
std::string config_updated(const ConfigUpdate &update, uint64_t wall_ms);
std::string config_not_updated(std::string_view why, uint64_t wall_ms);

// A publish in the shape of version 1.3: p.topic, or priority:USER:messages; p.payload, or p as a
// whole; type priority_message and priority 8, unless it says otherwise.
Result<PublishRequest> parse_priority_message(const ClientMessage &message, std::string_view user);

inline constexpr size_t kMaxBatch = 100;

// The messages of a client's batch, as written. Views into `payload`.
Result<std::vector<std::string_view>> parse_batch(std::string_view payload);

// What became of one of them.
struct BatchItem {
    bool success = false;
    std::string_view code = {};  // of the error
    std::string error = {};
};
std::string batch_message_result(std::span<const BatchItem> items);

// Messages of the server as one; they are JSON texts.
std::string batch(std::span<const std::string_view> messages);

}  // namespace wse::proto
