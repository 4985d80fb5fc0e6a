// SPDX-License-Identifier: MIT
// What a backend makes a session do. What a client does by itself goes the same way, so that there
// is one place for each rule.
#include "session/steering.h"

#include <algorithm>
#include <iterator>

#include "net/frame.h"
#include "proto/codes.h"
#include "session/session.h"

namespace wse::session {
namespace {

constexpr size_t kMaxWaiting = 256;
// Raw messages that a client has not read yet; what a backend sends closes nobody.
constexpr size_t kMaxRawBytes = size_t{1} << 20;

}  // namespace

SubscribeReport::~SubscribeReport() {
    ack_.queue_group = queue_group_;
    is_answered_ ? done_(WSE_OK, proto::subscription_result(ack_)) : done_(WSE_ENOTFOUND, {});
}

void SubscribeReport::add(const proto::SubscriptionAck &part) {
    const auto append = [](auto &to, const auto &from) {
        to.insert(to.end(), from.begin(), from.end());
    };
    is_answered_ = true;
    append(ack_.topics, part.topics);
    append(ack_.failed, part.failed);
    append(ack_.recovery, part.recovery);
    append(ack_.lossy, part.lossy);
    if (!part.queue_group.empty()) queue_group_ = part.queue_group;
}

// Before the gate opens, nothing but the end may reach the client: what it wants is not known yet.
// And the end comes after what was to come before it.
void Session::steer(Steering command, Steered done) {
    if (state_ == State::kClosed || !rights_) return done(WSE_ENOTFOUND, {});
    const bool is_full = waiting_.size() >= kMaxWaiting;
    const bool is_end = std::holds_alternative<CloseSession>(command);
    if (state_ == State::kOpen || (is_end && (waiting_.empty() || is_full)))
        return run(command, done);
    if (is_full) return done(WSE_EAGAIN, {});
    waiting_.emplace_back(std::move(command), std::move(done));
}

void Session::run(Steering &command, const Steered &done) {
    std::visit([&](auto &one) { run(one, done); }, command);
}

void Session::run_waiting() {
    for (auto &[command, done] : std::exchange(waiting_, {})) {
        if (state_ == State::kOpen) {
            run(command, done);
        } else {
            done(WSE_ENOTFOUND, {});
        }
    }
}

void Session::give_up_waiting() {
    for (const auto &[command, done] : std::exchange(waiting_, {})) done(WSE_ENOTFOUND, {});
}

void Session::run(SendEvent &what, const Steered &done) {
    const auto frame = net::Frame::text(proto::bare_event(*what.message));
    done(send_direct(what.message, frame) ? WSE_OK : WSE_EAGAIN, {});
}

void Session::run(SendRaw &what, const Steered &done) {
    // A cipher is for texts, and nothing passes beside it.
    if (what.is_binary && wire_.sealed()) return done(WSE_EDENIED, {});
    const bool is_clear_text = !what.is_binary && !wire_.sealed();
    const net::FrameRef frame = net::make_frame(
        what.is_binary ? net::Opcode::kBinary : net::Opcode::kText, what.data, is_clear_text);
    const size_t size = frame->wire().size();
    // What was gathered is older, and has the room before it.
    if (!flush_batch()) {
        done(WSE_EAGAIN, {});
        return on_overflow();
    }
    const size_t waiting = lag_ ? lag_->backlog.control_bytes() : 0;
    const bool has_room = (is_clear() || waiting + size <= kMaxRawBytes) &&
                          queued_bytes() + size <= settings().limits.max_outbound;
    if (!has_room) return done(WSE_EAGAIN, {});
    const bool told = tell(frame);
    if (!told) on_overflow();
    done(told ? WSE_OK : WSE_EAGAIN, {});
}

void Session::run(SubscribeTopics &what, const Steered &done) {
    // The request borrows from it; a choice between the two as strings would be one of its own.
    const std::string_view wish = what.wish.empty() ? std::string_view("{}") : what.wish;
    auto request = proto::parse_wish(wish);
    if (!request) return done(request.error().status, {});
    if (request->presence.size() > settings().presence.max_data) return done(WSE_ETOOBIG, {});
    request->subscribe = true;
    request->topics.insert(request->topics.begin(), std::make_move_iterator(what.topics.begin()),
                           std::make_move_iterator(what.topics.end()));
    subscribe(*request, {}, make_ref<SubscribeReport>(done));
}

void Session::run(UnsubscribeTopics &what, const Steered &done) {
    std::vector<std::string> topics = std::move(what.topics);
    if (topics.empty()) {
        for (const auto &[name, subscription] : subscriptions_) topics.push_back(name);
        std::sort(topics.begin(), topics.end());
    }
    unsubscribe(topics);
    done(WSE_OK, {});
}

void Session::run(CloseSession &what, const Steered &done) {
    done(WSE_OK, {});
    close(what.code == 0 ? proto::close::kForbidden : what.code, what.reason);
}

void Session::run(SetTopicLists &what, const Steered &done) {
    rights_->set_lists(std::move(what.lists));
    verdicts_.reset();
    give_up_denied();
    done(WSE_OK, {});
}

void Session::run(SetPresence &what, const Steered &done) {
    if (what.data.size() > settings().presence.max_data) return done(WSE_ETOOBIG, {});
    const std::string wish = R"({"data":)" + what.data + '}';
    const auto update = proto::parse_presence_update(wish);
    if (!update) return done(WSE_EINVAL, {});
    context_.hub.update_presence({{context_.loop, serial_, 0}, {}, std::string(update->data)});
    done(WSE_OK, {});
}

}  // namespace wse::session
