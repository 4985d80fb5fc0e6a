// SPDX-License-Identifier: MIT
// What leaves a session. A client that reads gets every frame at once; for one that does not,
// frames wait in the backlog, and what does not fit there is treated as its topic says.
#include <algorithm>

#include "base/log.h"
#include "proto/codes.h"
#include "session/session.h"

namespace wse::session {
namespace {

// What the socket's own queue may hold before frames wait where they can still be dropped.
constexpr size_t kDirectBytes = size_t{256} << 10;
// Answers that a client did not read: beyond it, it asks and asks without listening.
constexpr size_t kMaxControlBytes = size_t{2} << 20;

constexpr size_t kMaxBehind = 20'000;
constexpr uint64_t kTrimEveryMs = 500;  // looking for what has waited too long

}  // namespace

size_t Session::direct_bytes() const {
    return std::min<size_t>(kDirectBytes, settings().limits.max_outbound / 2);
}

bool Session::is_clear() const {
    return (!lag_ || lag_->backlog.empty()) && connection_.queued_bytes() < direct_bytes() &&
           !is_quiet();
}

// The one way to the connection. False: it takes no more, or nothing can be sent any more.
bool Session::put(const net::FrameRef &plain) {
    const net::FrameRef whole = with_signature(plain);
    const net::FrameRef frame = whole ? wire_.encode(whole) : whole;
    is_broken_ = is_broken_ || !frame;
    return frame && connection_.send(frame);
}

Lag &Session::open_lag() {
    if (lag_) return *lag_;
    lag_ = std::make_unique<Lag>(settings().limits.max_outbound);
    lag_->backlog.limit_frames(max_queue_);
    return *lag_;
}

void Session::send(std::string_view text) {
    if (!tell(text)) on_overflow();
}

// As text, whatever layer the session has: keep-alives, and what comes before the key (rules M2,
// M3, M12).
void Session::send_bare(std::string_view text) {
    if (!tell(net::Frame::text(text, true))) on_overflow();
}

// The same where nothing may close. False: the client does not read what it asked for.
bool Session::tell(net::FrameRef frame) {
    if (state_ == State::kClosed) return true;
    if (!flush_batch()) return false;
    ++messages_out_;
    if (is_clear()) return put(frame);
    Backlog &backlog = open_lag().backlog;
    backlog.push_control(std::move(frame), context_.timers.now_ms());
    return backlog.control_bytes() <= kMaxControlBytes;
}

void Session::send_error(const proto::ErrorMessage &error) {
    send(proto::error_message(error));
}

bool Session::deliver(const proto::MessageRef &message, const net::FrameRef &frame,
                      bool by_pattern) {
    if (state_ == State::kClosed) return true;
    const std::string &topic = message->publication.topic;
    if (by_pattern && !may_receive(topic)) return true;
    bool has_room = true;
    if (is_behind(*message) || hold(message, frame, has_room)) return has_room;
    return has_room && give(message, frame);
}

// It will be replayed.
bool Session::is_behind(const proto::Message &message) const {
    if (!lag_ || !message.handling.stamped) return false;
    const std::string &topic = message.publication.topic;
    if (lag_->behind.contains(topic)) return true;
    const auto held = lag_->held.find(topic);
    return held != lag_->held.end() && held->second.stamped;
}

bool Session::give(const proto::MessageRef &message, const net::FrameRef &frame) {
    if (gathers(*message)) return gather(message, frame);
    return flush_batch() && give_alone(message, frame);
}

bool Session::give_alone(const proto::MessageRef &message, const net::FrameRef &frame) {
    if (is_clear() && put(frame)) {
        ++messages_out_;
        return true;
    }
    if (is_broken_) return false;
    if (!shorten_queue()) return false;
    // What it follows may just have been taken out.
    if (is_behind(*message)) return true;
    const proto::Slow slow = message->handling.slow;
    if (slow == proto::Slow::kPause || slow == proto::Slow::kDisconnect) {
        if (give_kept(message, frame)) return true;
        if (slow == proto::Slow::kDisconnect) return false;
        const auto [epoch, offset] = message->position;
        return pause(message->publication.topic, {epoch, offset - 1});
    }
    Lag &lag = open_lag();
    if (lag.backlog.push_lossy({frame, message, slow, context_.timers.now_ms()},
                               connection_.queued_bytes()))
        ++messages_out_;
    count_drops();
    return true;
}

// A message that is not dropped. False: there is no room.
bool Session::give_kept(const proto::MessageRef &message, const net::FrameRef &frame) {
    if (!flush_batch()) return false;
    const bool given = is_clear() ? put(frame)
                                  : open_lag().backlog.push({frame, message, proto::Slow::kPause,
                                                             context_.timers.now_ms()},
                                                            connection_.queued_bytes());
    messages_out_ += given ? 1 : 0;
    return given;
}

// What has waited too long goes as if there had been no room. False: a topic's policy is to close.
bool Session::shorten_queue() {
    if (!lag_ || lag_->backlog.empty()) return true;
    const uint64_t now = context_.timers.now_ms();
    const uint64_t age = settings().limits.max_outbound_age_ms;
    if (now < age || now < lag_->trimmed_ms + kTrimEveryMs) return true;
    lag_->trimmed_ms = now;
    for (const auto &late : lag_->backlog.trim(now - age)) {
        if (late->handling.slow != proto::Slow::kPause) return false;
        const std::string &topic = late->publication.topic;
        const auto from = lag_->backlog.withdraw(topic);
        if (from && takes(topic) && !pause(topic, *from)) return false;
    }
    count_drops();
    return true;
}

void Session::count_drops() {
    static constexpr std::pair<Drop, Counter> kCounted[] = {
        {Drop::kOldest, Counter::dropped_oldest},       {Drop::kLowest, Counter::dropped_lowest},
        {Drop::kConflated, Counter::dropped_conflated}, {Drop::kAge, Counter::dropped_age},
        {Drop::kRefused, Counter::dropped_refused},
    };
    const DropCounts drops = lag_->backlog.take_drops();
    for (const auto &[why, counter] : kCounted) {
        lag_->dropped[why] += drops[why];
        if (drops[why] > 0) context_.counters.add(counter, drops[why]);
    }
}

// The topic's messages are left out from here on, and replayed when the client has read the rest.
// False: a pattern has brought more topics than can be remembered.
bool Session::pause(const std::string &topic, proto::Position from) {
    if (const auto held = open_lag().held.find(topic);
        held != lag_->held.end() && held->second.stamped) {
        held->second.from = from;
        return true;
    }
    if (open_lag().behind.size() >= kMaxBehind && !lag_->behind.contains(topic)) return false;
    context_.counters.add(Counter::topics_paused);
    open_lag().behind.insert_or_assign(topic, from);
    log::debug("session", "session.paused",
               {{"conn", id()}, {"topic", topic}, {"offset", from.offset}});
    return true;
}

// The client has taken something: what waits moves on.
void Session::pump() {
    if (!lag_ || state_ == State::kClosed) return;
    hand_on();
    if (state_ == State::kClosed || !is_clear()) return;
    if (!lag_->full_groups.empty()) {
        hub::GroupReady command{context_.loop, serial_, {}};
        for (const auto &topic : std::exchange(lag_->full_groups, {})) {
            const auto found = subscriptions_.find(topic);
            if (found != subscriptions_.end() && found->second.active)
                command.topics.push_back({topic, found->second.group});
        }
        context_.hub.group_ready(std::move(command));
    }
    give_states();
    if (is_clear()) ask_replay();
}

void Session::hand_on() {
    Backlog &backlog = lag_->backlog;
    if (is_quiet()) return;
    while (const Waiting *const next = backlog.front()) {
        const size_t queued = connection_.queued_bytes();
        if (queued >= direct_bytes()) return;
        // A large one waits until the socket has room for it.
        if (queued > 0 && queued + next->frame->wire().size() > settings().limits.max_outbound)
            return;
        if (!put(up_to_date(*next))) return on_overflow();
        backlog.pop();
    }
}

// The frame, or one in its place that does not tell a time which has passed.
net::FrameRef Session::up_to_date(const Waiting &waiting) const {
    const bool is_dated = waiting.message && !waiting.message->handling.stamped &&
                          !waiting.message->publication.id.empty();
    if (!is_dated) return waiting.frame;
    const uint64_t age_ms =
        context_.timers.now_ms() - waiting.queued_ms + waiting.message->age_ms();
    if (age_ms < proto::kFreshMs) return waiting.frame;
    return net::Frame::text(proto::undated_event(*waiting.message));
}

Session::Share Session::take_share(const std::string &group, const proto::MessageRef &message) {
    const std::string &topic = message->publication.topic;
    const auto found = subscriptions_.find(topic);
    const bool member = state_ == State::kOpen && found != subscriptions_.end() &&
                        found->second.active && found->second.group == group;
    if (!member) return Share::kNoMember;
    // It may have waited for a member that has room.
    const bool is_fresh =
        context_.clock.wall_ms() + message->age_ms() < message->wall_ms + proto::kFreshMs;
    const auto text = is_fresh ? proto::bare_event(*message) : proto::undated_event(*message);
    if (is_clear() && !flush_batch()) return Share::kOverflow;
    if (!is_clear() || !put(net::Frame::text(text))) {
        if (is_broken_) return Share::kOverflow;
        open_lag().full_groups.insert(topic);
        return Share::kFull;
    }
    ++messages_out_;
    return Share::kTaken;
}

bool Session::send_direct(const proto::MessageRef &message, const net::FrameRef &frame) {
    if (state_ != State::kOpen) return false;
    const uint64_t before = messages_out_;
    if (!give(message, frame)) on_overflow();
    return messages_out_ > before;
}

void Session::on_overflow() {
    if (state_ == State::kClosed) return;
    if (is_broken_) return end(proto::close::kProtocol, "encryption failed", false);
    context_.counters.add(Counter::slow_closed);
    log::warn("session", "session.slow",
              {{"conn", id()}, {"user", identity_.user}, {"queued_bytes", queued_bytes()}});
    end(proto::close::kSlowConsumer, "slow consumer", false);
}

size_t Session::queued_bytes() const {
    return connection_.queued_bytes() +
           (lag_ ? lag_->backlog.bytes() + lag_->held_bytes + lag_->state_bytes : 0);
}

}  // namespace wse::session
