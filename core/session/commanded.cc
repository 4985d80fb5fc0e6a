// SPDX-License-Identifier: MIT
// What the application or an operator does to a session in its client's place.
#include "base/glob.h"
#include "session/session.h"

namespace wse::session {
namespace {

constexpr size_t kMaxCommanded = 64;

}  // namespace

bool Session::change_subscriptions(const std::string &payload,
                                   std::vector<proto::FailedTopic> &ret_refused) {
    if (state_ == State::kOpen) {
        obey(payload, ret_refused);
        return true;
    }
    if (state_ != State::kGateClosed) return false;
    if (commanded_.size() >= kMaxCommanded) {
        ret_refused.push_back({"", "too much is held back until the client has said its hello"});
    } else {
        commanded_.push_back(payload);
    }
    return true;
}

// The rights are the client's: a topic that it may not have is no secret that a backend could hand
// out by mistake.
void Session::obey(const std::string &payload, std::vector<proto::FailedTopic> &ret_refused) {
    auto request = proto::parse_subscription(payload);
    if (!request) return ret_refused.push_back({"", request.error().text});
    query_topics_.clear();
    if (!request->subscribe)
        return unsubscribe(request->topics.empty() ? topics() : request->topics);
    for (const auto &topic : request->topics) {
        const bool valid =
            proto::check_topic_or_pattern(topic, settings().limits.max_topic_length).ok();
        const bool may =
            valid && (is_pattern(topic) ? rights_->may_subscribe_pattern(topic)
                                        : rights_->may(module::Action::kSubscribe, topic));
        if (!may) ret_refused.push_back({topic, valid ? "not allowed" : "not the name of a topic"});
    }
    subscribe(*request);
}

bool Session::set_acl(TokenTopics acl) {
    if (!rights_ || state_ == State::kClosed) return false;
    acl_ = std::move(acl);
    rights_->set_acl(acl_);
    verdicts_.reset();
    return true;
}

}  // namespace wse::session
