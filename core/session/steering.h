// SPDX-License-Identifier: MIT
// What a backend does to one session: an application through its module, or the HTTP API. Values:
// they cross threads. Session::steer() runs them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ref.h"
#include "proto/message.h"
#include "proto/server_messages.h"
#include "session/rights.h"

namespace wse::session {

// As an event, outside of topics.
struct SendEvent {
    proto::MessageRef message;
};

// As it is; a text is UTF-8.
struct SendRaw {
    std::string data;
    bool is_binary = false;
};

// The backend's word is enough, but for what is denied. The client is told as if it had asked.
struct SubscribeTopics {
    std::vector<std::string> topics = {};
    std::string wish = {};  // what a client's subscription_update has beside its action; or empty
};

struct UnsubscribeTopics {
    std::vector<std::string> topics = {};  // none: all
};

struct CloseSession {
    uint16_t code = 0;  // 0: 4403
    std::string reason = {};
};

// A list that is absent stays.
struct SetTopicLists {
    TopicLists lists = {};
};

// On every topic where the session is present.
struct SetPresence {
    std::string data;  // a JSON object
};

using Steering = std::variant<SendEvent, SendRaw, SubscribeTopics, UnsubscribeTopics, CloseSession,
                              SetTopicLists, SetPresence>;

// Called exactly once, on the session's loop, perhaps inside the call; may not touch the session.
// WSE_ENOTFOUND: it has ended. WSE_EAGAIN: it takes no more for now. The answer is a JSON object,
// of SubscribeTopics proto::subscription_result(), else empty.
using Steered = std::function<void(int32_t status, std::string answer)>;

// What has become of a subscription that may be asked for in several parts. Tells when the last of
// them is settled, or given up.
class SubscribeReport final : public RefCounted<SubscribeReport> {
public:
    explicit SubscribeReport(Steered done) : done_(std::move(done)) {}
    ~SubscribeReport();
    void add(const proto::SubscriptionAck &part);

private:
    const Steered done_;
    bool is_answered_ = false;
    std::string queue_group_;
    proto::SubscriptionAck ack_;
};
using SubscribeReportRef = Ref<SubscribeReport>;

}  // namespace wse::session
