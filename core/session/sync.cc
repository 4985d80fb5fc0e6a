// SPDX-License-Identifier: MIT
// sync_request: the state of topics, then a last word. What topics retain comes from the hub, what
// modules have from them.
#include <algorithm>

#include "base/glob.h"
#include "proto/codes.h"
#include "session/session.h"

namespace wse::session {
namespace {

constexpr uint64_t kMaxEchoed = 1000;  // topics in the answer
constexpr size_t kMaxPendingSyncs = 16;

}  // namespace

// Asked after every connect. The answer comes through the hub, behind those to what was subscribed
// before.
void Session::on_sync(const proto::ClientMessage &message) {
    if (waits_its_turn()) return;
    const auto &limits = settings().limits;
    auto wish = proto::parse_sync(
        message.payload,
        std::min({limits.max_subscriptions, limits.max_topics_per_request, kMaxEchoed}));
    PendingSync sync{.topics = std::move(wish.topics), .snapshots = wish.snapshots};
    std::erase_if(sync.topics, [&](const std::string &topic) {
        return !proto::check_topic_or_pattern(topic, limits.max_topic_length);
    });
    sync.all = sync.topics.empty();
    if (sync.all) sync.topics = topics();
    if (sync.topics.size() > kMaxEchoed) sync.topics.resize(kMaxEchoed);
    const size_t waiting = pending_syncs_.size() + (lag_ ? lag_->syncs.size() : 0);
    if (waiting >= kMaxPendingSyncs || !take_topic_rate(sync.topics)) {
        send_error({.code = proto::error::kRateLimited,
                    .text = "too many topics at once; try again in a moment",
                    .request_id = message.id,
                    .retry_after = true});
        // Clients wait for it before they ask again.
        return send(proto::snapshot_complete({.success = false, .topics = sync.topics}));
    }
    const uint64_t request = ++last_request_;
    hub::Sync command{{context_.loop, serial_, request}, sync.topics};
    for (const auto &topic : sync.topics) {
        if (sync.snapshots && is_subscribed(topic) && !is_pattern(topic) && state_source(topic))
            command.places.push_back(topic);
    }
    pending_syncs_.emplace(request, std::move(sync));
    context_.hub.sync(std::move(command));
}

void Session::on_synced(uint64_t request, const hub::Synced &state) {
    auto node = pending_syncs_.extract(request);
    if (node.empty() || state_ == State::kClosed) return;
    PendingSync sync = std::move(node.mapped());
    sync.truncated = state.truncated;
    for (const auto &retained : state.topics) {
        if (!may_receive(retained.topic) || !was_granted(retained.topic)) continue;
        send_snapshot(retained, filter_of(retained.topic));
        ++sync.count;
    }
    if (sync.snapshots) sync_states(sync, state.places);
    if (state_ == State::kClosed) return;
    if (sync.awaited.empty()) return send(proto::snapshot_complete(end_of(sync)));
    open_lag().syncs.push_back(std::move(sync));
}

void Session::sync_states(PendingSync &sync, const std::vector<hub::Place> &places) {
    std::map<std::string_view, const hub::Place *> wanted;
    for (const auto &topic : sync.topics) wanted.emplace(topic, nullptr);
    for (const auto &place : places) wanted[place.topic] = &place;
    std::vector<std::string> names;
    // Those that were only just asked for when it came, too.
    if (sync.all && lag_) {
        for (const auto &[topic, held] : lag_->held) names.push_back(topic);
    }
    for (const auto &topic : names) wanted.emplace(topic, nullptr);
    for (const auto &[topic, place] : wanted) {
        if (state_ == State::kOpen) sync_state(sync, std::string(topic), place);
    }
}

// `place`: where the topic stands, when it was subscribed before the request.
void Session::sync_state(PendingSync &sync, const std::string &topic, const hub::Place *place) {
    const auto found = subscriptions_.find(topic);
    const bool has_source = found != subscriptions_.end() && found->second.active &&
                            found->second.group.empty() && !is_pattern(topic) &&
                            state_source(topic) && may_receive(topic);
    if (!has_source) return;
    // Clients ask right after they have subscribed, whatever they got for it.
    const bool is_fresh = std::exchange(found->second.is_fresh, false);
    const bool is_held = lag_ && lag_->held.contains(topic);
    if (!is_held && is_fresh) {
        sync.count += found->second.has_state ? 1 : 0;
        return;
    }
    if (!is_held && place) await_state(topic, position_of(topic, place->head), place->stamped);
    if (lag_ && lag_->held.contains(topic)) sync.awaited.insert(topic);
}

// The topic's state has come, or will not. False: the client has no room.
bool Session::settle_syncs(const std::string &topic, bool sent) {
    bool has_room = true;
    for (auto sync = lag_->syncs.begin(); sync != lag_->syncs.end();) {
        const bool awaited = sync->awaited.erase(topic) > 0;
        if (awaited && sent) ++sync->count;
        if (!awaited || !sync->awaited.empty()) {
            ++sync;
            continue;
        }
        has_room = tell(proto::snapshot_complete(end_of(*sync))) && has_room;
        sync = lag_->syncs.erase(sync);
    }
    return has_room;
}

proto::SnapshotEnd Session::end_of(PendingSync &sync) {
    return {.success = true,
            .topics = std::move(sync.topics),
            .count = sync.count,
            .truncated = sync.truncated};
}

void Context::on_synced(const hub::Origin &origin, const hub::Synced &state) {
    if (Session *session = find(origin.session)) session->on_synced(origin.request, state);
}

}  // namespace wse::session
