// SPDX-License-Identifier: MIT
// The state behind topics, which modules have. While a session waits for one, nothing of the topic
// is sent to it: what has stamps is replayed afterwards, what has none waits here. Then come the
// state and everything that it has not got.
#include "config/settings_row.h"
#include "proto/codes.h"
#include "session/session.h"

namespace wse::session {
namespace {

constexpr size_t kMaxHeldTopics = 10'000;  // of one session
constexpr size_t kMaxHeldMessages = 1'000;
constexpr size_t kMaxHeldBytes = size_t{256} << 10;  // of one topic; of all, limits.max_outbound

bool is_in(const SnapshotAnswer &state, const proto::Message &message) {
    return state.frame && message.position.epoch == state.at.epoch &&
           message.position.offset <= state.at.offset;
}

}  // namespace

// The module that has the topic's state, or null.
const std::string *Session::state_source(const std::string &topic) const {
    if (!context_.snapshots) return nullptr;
    const config::TopicRow *const row = config::settings_row(settings().topics, topic);
    return row && !row->snapshot.empty() ? &row->snapshot : nullptr;
}

// Behind the ack: who is new to the topic, or was told that something is lost, needs its state.
void Session::join(const hub::SubscribedTopic &topic, const SnapshotParamsRef &params) {
    const auto found = subscriptions_.find(topic.name);
    if (found == subscriptions_.end() || !found->second.group.empty() || !state_source(topic.name))
        return;
    Subscription &subscription = found->second;
    const bool is_lost = !topic.replays.empty() && !topic.recovered;
    if (!subscription.active || (topic.again && !is_lost)) return;
    subscription.params = params;
    subscription.is_fresh = true;
    subscription.has_state = false;
    if (!topic.recovered) await_state(topic.name, *topic.position, topic.stamped);
}

// From now on the topic is not sent: what comes after `from` follows the state, or its failure. A
// question that is under way already is forgotten for this one.
void Session::await_state(const std::string &topic, proto::Position from, bool stamped) {
    Lag &lag = open_lag();
    const bool is_new = !lag.held.contains(topic);
    // What is asked and not wanted any more is still a question.
    if ((lag.held.size() >= kMaxHeldTopics && is_new) ||
        asked_states_ >= settings().limits.max_subscriptions) {
        if (!tell_unavailable(topic, WSE_EAGAIN)) on_overflow();
        return;
    }
    const Subscription &subscription = subscriptions_.find(topic)->second;
    Held &held = lag.held[topic];
    held.request = ++last_request_;
    set_answer(held, {});
    // What a filter leaves over has no stamps, and is not replayed.
    held.stamped = stamped && !subscription.filter;
    held.from = from;
    if (held.stamped) lag.behind.erase(topic);
    ++asked_states_;
    context_.snapshots->ask({.origin = {context_.loop, serial_, held.request},
                             .instance = *state_source(topic),
                             .topic = topic,
                             .user = identity_.user,
                             .params = subscription.params,
                             .position = from,
                             .stamped = held.stamped});
}

// True: the message waits here. False: it does not, or not any more, because more has come than may
// wait; then the client goes on without the state, and `ret_has_room` says whether it took the
// rest. Inside a delivery, so nothing here may close.
bool Session::hold(const proto::MessageRef &message, const net::FrameRef &frame,
                   bool &ret_has_room) {
    // A notice about a topic has no place in it.
    if (!lag_ || message->position.offset == 0) return false;
    const std::string &topic = message->publication.topic;
    const auto found = lag_->held.find(topic);
    if (found == lag_->held.end() || found->second.stamped) return false;
    Held &held = found->second;
    const size_t bytes = frame->wire().size();
    const bool fits = held.messages.size() < kMaxHeldMessages &&
                      held.bytes + bytes <= kMaxHeldBytes &&
                      lag_->held_bytes + bytes <= settings().limits.max_outbound;
    if (!fits) {
        ret_has_room = release(topic, take_held(topic));
        return false;
    }
    held.messages.push_back({frame, message, message->handling.slow, context_.timers.now_ms()});
    held.bytes += bytes;
    lag_->held_bytes += bytes;
    return true;
}

// A pattern goes on from that part, and the topic with it once its state has come.
bool Session::move_held(const hub::Replayed &part) {
    if (!lag_) return false;
    const auto found = lag_->held.find(part.topic);
    if (found == lag_->held.end() || !found->second.stamped) return false;
    found->second.from = part.asked && !part.recovered ? part.head : part.from;
    return true;
}

void Session::on_snapshot(uint64_t request, const SnapshotAnswerRef &answer) {
    --asked_states_;
    if (!lag_ || state_ == State::kClosed) return;
    const auto found = lag_->held.find(answer->topic);
    // Unsubscribed, or asked anew, meanwhile.
    if (found == lag_->held.end() || found->second.request != request) return;
    set_answer(found->second, answer);
    lag_->arrived.push_back(answer->topic);
    give_states();
    if (is_clear()) ask_replay();
}

// A state can be large, and clients ask for many at once: each waits until there is room.
void Session::give_states() {
    while (lag_ && !lag_->arrived.empty() && is_clear()) {
        const std::string topic = std::move(lag_->arrived.front());
        lag_->arrived.pop_front();
        const auto found = lag_->held.find(topic);
        const bool has_come = found != lag_->held.end() && found->second.answer;
        if (has_come && !release(topic, take_held(topic))) on_overflow();
    }
}

// States that have come and wait for room are bounded; who has none left is told, and may ask
// again.
void Session::set_answer(Held &held, const SnapshotAnswerRef &answer) {
    const auto size_of = [](const SnapshotAnswerRef &of) {
        return of && of->frame ? of->frame->wire().size() : 0;
    };
    lag_->state_bytes -= size_of(held.answer);
    const size_t bytes = size_of(answer);
    if (lag_->state_bytes + bytes > settings().limits.max_outbound) {
        held.answer =
            make_ref<SnapshotAnswer>(answer->topic, WSE_EAGAIN, proto::Position{}, net::FrameRef());
        return;
    }
    lag_->state_bytes += bytes;
    held.answer = answer;
}

Held Session::take_held(const std::string &topic) {
    Held held = std::move(lag_->held.extract(topic).mapped());
    lag_->held_bytes -= held.bytes;
    if (held.answer && held.answer->frame) lag_->state_bytes -= held.answer->frame->wire().size();
    return held;
}

// The wait is over: the state, or why there is none, then what was held back. False: the client has
// no room.
bool Session::release(const std::string &topic, const Held &held) {
    const SnapshotAnswer *const state =
        held.answer && held.answer->frame ? held.answer.get() : nullptr;
    bool has_room = true;
    if (!state) has_room = tell_unavailable(topic, held.answer ? held.answer->status : WSE_ETOOBIG);
    if (held.stamped && state && state->at != held.from) has_room = tell_position(topic, state->at);
    if (state) {
        has_room = has_room && give_kept({}, state->frame);
        const auto found = subscriptions_.find(topic);
        if (found != subscriptions_.end()) found->second.has_state = true;
    }
    if (held.stamped) lag_->behind.insert_or_assign(topic, state ? state->at : held.from);
    has_room = settle_syncs(topic, state != nullptr) && has_room;
    return has_room && give_held(held);
}

// The topic is replayed from before everything that waits.
void Session::forget_held(const std::string &topic) {
    if (!lag_ || !lag_->held.contains(topic)) return;
    take_held(topic);
    if (!settle_syncs(topic, false)) on_overflow();
}

bool Session::give_held(const Held &held) {
    for (const Waiting &waiting : held.messages) {
        // Those with a stamp are a pattern's, whose stream may have no gap.
        const bool may_be_left_out = held.answer && !waiting.message->handling.stamped;
        if (may_be_left_out && is_in(*held.answer, *waiting.message)) continue;
        // What goes into the queue now may wait there as long again.
        const auto frame = is_clear() ? up_to_date(waiting)
                                      : net::Frame::text(proto::undated_event(*waiting.message));
        if (!give(waiting.message, frame)) return false;
    }
    return true;
}

// Nobody needs the state any more. A pattern may still take the topic.
void Session::stop_waiting(const std::string &topic) {
    if (!lag_ || !lag_->held.contains(topic)) return;
    Held held = take_held(topic);
    const bool all = takes(topic);
    if (all && held.stamped) lag_->behind.insert_or_assign(topic, held.from);
    if (!all) {
        std::erase_if(held.messages, [this](const Waiting &waiting) {
            return !passes_a_filter(*waiting.message);
        });
    }
    const bool has_room = give_held(held);
    if (!settle_syncs(topic, false) || !has_room) on_overflow();
}

bool Session::tell_position(const std::string &topic, proto::Position at) {
    proto::SubscriptionAck ack{.action = "subscribe"};
    ack.recovery.push_back({topic, at, false, 0});
    return tell(proto::subscription_ack(ack));
}

bool Session::tell_unavailable(const std::string &topic, wse_status why) {
    return tell(
        proto::error_message({.code = proto::error::kSnapshotUnavailable,
                              .text = "the state of the topic cannot be had; its events go on",
                              .topic = topic,
                              .retry_after = why == WSE_EAGAIN}));
}

void Context::on_snapshot(const SnapshotDelivery &delivery) {
    for (const auto &origin : delivery.waiters) {
        if (Session *session = find(origin.session))
            session->on_snapshot(origin.request, delivery.answer);
    }
}

}  // namespace wse::session
