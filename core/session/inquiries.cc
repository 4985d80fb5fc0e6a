// SPDX-License-Identifier: MIT
// What clients ask about their own connection, and set for it.
#include "proto/inquiries.h"

#include "base/version.h"
#include "session/session.h"

namespace wse::session {
namespace {

constexpr size_t kMaxShownTopics = 100;

}  // namespace

proto::Facts Session::facts() const {
    const SessionRow now = row();
    uint64_t dropped = 0;
    for (const uint64_t count : now.dropped.counts) dropped += count;
    const auto &limits = settings().limits;
    return {.connection_id = connection_.id(),
            .user = identity_.user,
            .client_version = client_version_,
            .server_version = kVersion,
            .listener = listen_.name,
            .draining = context_.draining,
            .wall_ms = context_.clock.wall_ms(),
            .connected_ms = connected_ms_,
            .expires_ms = identity_.expires_ms,
            .idle_ms = now.idle_ms,
            .messages_in = messages_in_,
            .messages_out = messages_out_,
            .queued_bytes = now.queued_bytes,
            .queued_messages = lag_ ? lag_->backlog.size() : 0,
            .subscriptions = now.subscriptions,
            .behind = now.behind,
            .dropped = dropped,
            .rate_left = rate_.left(),
            .rate_capacity = limits.rate_capacity,
            .rate_refill = limits.rate_refill,
            .max_message_size = limits.max_message_size,
            .heartbeat_ms = settings().keepalive.heartbeat_interval_ms,
            .idle_timeout_ms = settings().keepalive.idle_timeout_ms};
}

proto::Preferences Session::preferences() const {
    return {.compression_enabled = compression_enabled_,
            .compression_threshold = compression_threshold_,
            .batching_enabled = batching_.enabled,
            .batch_size = batching_.size,
            .batch_timeout_ms = batching_.timeout_ms,
            .max_queue_size = max_queue_};
}

void Session::on_health_check(const proto::ClientMessage & /*message*/) {
    send(proto::health_check_response(facts()));
}

void Session::on_metrics(const proto::ClientMessage & /*message*/) {
    send(proto::metrics_response(facts()));
}

void Session::on_connection_state(const proto::ClientMessage & /*message*/) {
    send(proto::connection_state_response(facts()));
}

void Session::on_sequence_stats(const proto::ClientMessage & /*message*/) {
    send(proto::sequence_stats_response(facts()));
}

void Session::on_system_status(const proto::ClientMessage & /*message*/) {
    send(proto::system_status(facts()));
}

void Session::on_debug(const proto::ClientMessage &message) {
    if (!listen_.debug_messages) return refuse_type(message);
    auto names = topics();
    if (names.size() > kMaxShownTopics) names.resize(kMaxShownTopics);
    send(proto::debug_response(facts(), names, types()));
}

void Session::on_config_request(const proto::ClientMessage & /*message*/) {
    send(proto::config_response(facts(), preferences()));
}

void Session::on_config_update(const proto::ClientMessage &message) {
    const auto update = proto::parse_config_update(message.payload);
    const uint64_t now = context_.clock.wall_ms();
    if (!update) return send(proto::config_not_updated(update.error().text, now));
    apply(*update);
    send(proto::config_updated(*update, now));
}

void Session::apply(const proto::ConfigUpdate &update) {
    compression_enabled_ = update.compression_enabled.value_or(compression_enabled_);
    compression_threshold_ = update.compression_threshold.value_or(compression_threshold_);
    wire_.limit_compression(compression_enabled_, compression_threshold_);
    batching_.enabled = update.batching_enabled.value_or(batching_.enabled);
    batching_.size = static_cast<uint32_t>(update.batch_size.value_or(batching_.size));
    batching_.timeout_ms =
        static_cast<uint32_t>(update.batch_timeout_ms.value_or(batching_.timeout_ms));
    max_queue_ = update.max_queue_size.value_or(max_queue_);
    if (lag_) lag_->backlog.limit_frames(max_queue_);
}

}  // namespace wse::session
