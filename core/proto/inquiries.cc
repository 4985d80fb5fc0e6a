// SPDX-License-Identifier: MIT
#include "proto/inquiries.h"

#include <cmath>

#include "base/clock.h"
#include "base/json.h"
#include "base/json_scan.h"
#include "proto/system_message.h"

namespace wse::proto {
namespace {

void write_traffic(JsonWriter &out, const Facts &facts) {
    out.member("messages_received", facts.messages_in);
    out.member("messages_sent", facts.messages_out).member("messages_dropped", facts.dropped);
    out.member("queued_bytes", facts.queued_bytes).member("queue_size", facts.queued_messages);
    out.member("subscriptions", facts.subscriptions).member("topics_behind", facts.behind);
}

void write_rate(JsonWriter &out, const Facts &facts) {
    out.key("rate_limit").begin_object().member("remaining", facts.rate_left);
    out.member("capacity", facts.rate_capacity).member("refill", facts.rate_refill).end_object();
}

uint64_t uptime_ms(const Facts &facts) {
    return facts.wall_ms > facts.connected_ms ? facts.wall_ms - facts.connected_ms : 0;
}

// Who it is about, and when.
void write_head(JsonWriter &out, const Facts &facts) {
    out.member("connection_id", facts.connection_id);
    out.member("timestamp", format_timestamp(facts.wall_ms));
}

const char *health(const Facts &facts) {
    return facts.behind > 0 || facts.queued_messages > 0 ? "degraded" : "healthy";
}

}  // namespace

std::string health_check_response(const Facts &facts) {
    JsonWriter out = system_message("health_check_response");
    out.member("status", health(facts));
    write_head(out, facts);
    out.member("uptime_ms", uptime_ms(facts)).key("diagnostics").begin_object();
    out.member("connection_state", "connected").member("idle_ms", facts.idle_ms);
    write_traffic(out, facts);
    write_rate(out, facts);
    out.end_object();
    return finish(out);
}

std::string metrics_response(const Facts &facts) {
    JsonWriter out = system_message("metrics_response");
    write_head(out, facts);
    out.member("uptime_ms", uptime_ms(facts));
    write_traffic(out, facts);
    write_rate(out, facts);
    return finish(out);
}

std::string connection_state_response(const Facts &facts) {
    JsonWriter out = system_message("connection_state_response");
    out.member("state", "connected");
    write_head(out, facts);
    out.member("connected_since", format_timestamp(facts.connected_ms));
    out.member("expires_at", facts.expires_ms).key("metrics").begin_object();
    write_traffic(out, facts);
    out.end_object();
    return finish(out);
}

std::string sequence_stats_response(const Facts &facts) {
    JsonWriter out = system_message("sequence_stats_response");
    write_head(out, facts);
    // Order and gaps are told by stamps; what is counted here is the whole connection.
    out.member("current_sequence", facts.messages_out);
    out.member("messages_received", facts.messages_in).member("buffered", facts.queued_messages);
    out.member("topics_behind", facts.behind).member("messages_dropped", facts.dropped);
    return finish(out);
}

std::string system_status(const Facts &facts) {
    JsonWriter out = system_message("system_status");
    out.member("status", facts.draining ? "draining" : "running");
    out.member("server_version", facts.server_version);
    out.member("server_time", format_timestamp(facts.wall_ms));
    write_head(out, facts);
    return finish(out);
}

std::string debug_response(const Facts &facts, std::span<const std::string> topics,
                           std::span<const std::string_view> types) {
    JsonWriter out = system_message("debug_response");
    write_head(out, facts);
    out.member("user_id", facts.user).member("client_version", facts.client_version);
    out.member("server_version", facts.server_version).member("listener", facts.listener);
    out.member("connected_since", format_timestamp(facts.connected_ms));
    out.member("expires_at", facts.expires_ms).member("idle_ms", facts.idle_ms);
    write_traffic(out, facts);
    write_rate(out, facts);
    out.key("topics").begin_array();
    for (const auto &topic : topics) out.string(topic);
    out.end_array().key("handlers").begin_array();
    for (const auto type : types) out.string(type);
    out.end_array();
    return finish(out);
}

std::string config_response(const Facts &facts, const Preferences &preferences) {
    JsonWriter out = system_message("config_response");
    write_head(out, facts);
    out.member("compression_enabled", preferences.compression_enabled);
    out.member("compression_threshold", preferences.compression_threshold);
    out.member("batching_enabled", preferences.batching_enabled);
    out.member("batch_size", preferences.batch_size);
    out.member("batch_timeout", static_cast<double>(preferences.batch_timeout_ms) / 1000);
    out.member("max_queue_size", preferences.max_queue_size);
    out.member("heartbeat_interval", facts.heartbeat_ms);
    out.member("idle_timeout", facts.idle_timeout_ms);
    out.member("max_message_size", facts.max_message_size);
    write_rate(out, facts);
    return finish(out);
}

namespace {

// Takes members of a config_update, and remembers the first that is not as it should be.
class UpdateReader {
public:
    explicit UpdateReader(JsonView root) : root_(root) {}

    void take(const char *name, std::optional<bool> &ret) {
        const JsonView value = root_[name];
        if (!value) return;
        ret = value.boolean();
        if (!ret) complain(name, "not true or false");
    }
    void take(const char *name, uint64_t least, uint64_t most, std::optional<uint64_t> &ret) {
        const JsonView value = root_[name];
        if (!value) return;
        const auto number = value.integer();
        if (number && *number >= 0) ret = static_cast<uint64_t>(*number);
        if (ret && *ret >= least && *ret <= most) return;
        complain(name, "not a whole number from " + std::to_string(least) + " to " +
                           std::to_string(most));
    }
    void take_seconds(const char *name, std::optional<uint64_t> &ret_ms) {
        const JsonView value = root_[name];
        if (!value) return;
        const double seconds = value.number().value_or(-1);
        if (seconds < 0.01 || seconds > 5) return complain(name, "not from 0.01 to 5 seconds");
        ret_ms = static_cast<uint64_t>(std::lround(seconds * 1000));
    }
    const std::optional<Error> &error() const { return error_; }

private:
    void complain(const char *name, const std::string &why) {
        if (!error_) error_ = Error{WSE_EINVAL, std::string(name) + ": " + why};
    }

    JsonView root_;
    std::optional<Error> error_;
};

}  // namespace

Result<ConfigUpdate> parse_config_update(std::string_view payload) {
    auto document = JsonDocument::parse(payload);
    if (!document) return document.error();
    ConfigUpdate update;
    UpdateReader reader(document->root());
    reader.take("compression_enabled", update.compression_enabled);
    reader.take("compression_threshold", 512, 10240, update.compression_threshold);
    reader.take("batching_enabled", update.batching_enabled);
    reader.take("batch_size", 1, 100, update.batch_size);
    reader.take_seconds("batch_timeout", update.batch_timeout_ms);
    reader.take("max_queue_size", 100, 5000, update.max_queue_size);
    if (reader.error()) return *reader.error();
    return update;
}

std::string config_updated(const ConfigUpdate &update, uint64_t wall_ms) {
    JsonWriter out = system_message("config_update_response");
    out.member("success", true).key("updated_settings").begin_object();
    const auto write = [&out](const char *name, const auto &value) {
        if (value) out.member(name, *value);
    };
    write("compression_enabled", update.compression_enabled);
    write("compression_threshold", update.compression_threshold);
    write("batching_enabled", update.batching_enabled);
    write("batch_size", update.batch_size);
    if (update.batch_timeout_ms)
        out.member("batch_timeout", static_cast<double>(*update.batch_timeout_ms) / 1000);
    write("max_queue_size", update.max_queue_size);
    out.end_object().member("timestamp", format_timestamp(wall_ms));
    return finish(out);
}

std::string config_not_updated(std::string_view why, uint64_t wall_ms) {
    JsonWriter out = system_message("config_update_response");
    out.member("success", false).key("updated_settings").begin_object().end_object();
    out.member("error", why).member("timestamp", format_timestamp(wall_ms));
    return finish(out);
}

}  // namespace wse::proto
