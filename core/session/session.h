// SPDX-License-Identifier: MIT
// Session: one client behind one WebSocket, from its token to its close. [loop]
//
//     asking the auth module → server_ready → gate closed → gate open → closed
//
// Reading is paused while the module is asked. While the gate is closed, what needs the client's
// features (subscribe, sync, publish) is held back: client_hello opens it, or one second (rule
// M14).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/token_bucket.h"
#include "proto/client_message.h"
#include "proto/server_messages.h"
#include "session/context.h"
#include "session/rights.h"

namespace wse::session {

// A row of `wsectl conn ls`.
struct SessionRow {
    std::string id, user, ip, listener, state, client_version;
    uint16_t port = 0;
    uint64_t connected_ms = 0;  // wall clock
    uint64_t expires_ms = 0;
    uint64_t idle_ms = 0;
    uint64_t queued_bytes = 0;
    uint64_t messages_in = 0;
    uint64_t messages_out = 0;
    size_t subscriptions = 0;
};

class Session final : public net::MessageHandler, public Subscriber {
public:
    // `connection` and `listen` (of the generation) outlive it.
    Session(Context &context, GenerationRef generation, size_t listener,
            net::Connection &connection, const net::RequestHead &head);
    ~Session() override;

    // MessageHandler
    void on_text(std::string_view message) override;
    void on_binary(std::string_view message) override;
    void on_activity() override;
    void on_drained() override {}
    void on_closed(const net::CloseReason &reason) override;

    // Subscriber
    bool deliver(const net::FrameRef &frame) override;
    void on_overflow() override;

    // Answers of the hub, through Context.
    // Returns the topics that the session no longer wants.
    std::vector<std::string> on_subscribed(uint64_t request,
                                           const std::vector<hub::SubscribedTopic> &topics);
    void on_published(uint64_t request, const Result<proto::Position> &position);

    void close(uint16_t code, std::string_view reason);
    const std::string &id() const { return connection_.id(); }
    SessionRow row() const;
    std::vector<std::string> topics() const;  // sorted
    bool is_subscribed(const std::string &topic) const;

private:
    enum class State : uint8_t { kAuthenticating, kGateClosed, kOpen, kClosed };

    struct PendingSubscribe {
        proto::SubscriptionAck ack;
        bool recover = false;
        std::string sync_answer = {};  // to the latest sync_request behind it
    };
    struct PendingPublish {
        std::string id, topic;
    };

    // session.cc: life
    void authenticate(const net::RequestHead &head);
    void on_identity(Result<module::Identity> answer, bool had_credential);
    void refuse(std::string_view code, std::string_view text);
    void refuse_for_now();
    void greet();
    void open_gate();
    void on_deadline();
    void on_heartbeat();
    void send(std::string_view text);
    void send_error(const proto::ErrorMessage &error);
    bool within_rate();
    proto::Greeting greeting() const;

    // messages.cc: what clients send
    struct Row;
    static const Row kMessages[];
    void handle(std::string_view text);
    void on_hello(const proto::ClientMessage &message);
    void on_ping(const proto::ClientMessage &message);
    void on_subscription(const proto::ClientMessage &message);
    void on_sync(const proto::ClientMessage &message);
    void on_publish(const proto::ClientMessage &message);
    void ignore(const proto::ClientMessage &message);

    // topics.cc: subscriptions
    void subscribe(std::span<const std::string> topics, bool recover,
                   std::vector<proto::FailedTopic> failed = {});
    void subscribe_part(std::span<const std::string> topics, PendingSubscribe pending);
    void unsubscribe(std::span<const std::string> topics);
    void unsubscribe_part(std::span<const std::string> topics);
    Result<void> check_subscribe(const std::string &topic);
    void activate(const std::string &topic, Subscription &subscription);
    void acknowledge(PendingSubscribe &pending);
    void leave_all();

    const config::Settings &settings() const { return *generation_->settings; }

    Context &context_;
    const GenerationRef generation_;
    const config::Listen &listen_;
    module::Authenticator *const authenticator_;
    net::Connection &connection_;
    const uint64_t serial_;
    const uint64_t connected_ms_;
    State state_ = State::kAuthenticating;

    std::unique_ptr<module::PendingAuth> pending_auth_;
    module::Identity identity_;
    std::unique_ptr<Rights> rights_;
    std::string client_version_;
    std::vector<std::string> query_topics_;  // ?topics=, until an explicit subscribe replaces it

    std::vector<std::string> held_;  // texts behind the gate
    size_t held_bytes_ = 0;
    std::unordered_map<std::string, Subscription> subscriptions_;
    std::unordered_map<uint64_t, PendingSubscribe> pending_subscribes_;
    std::unordered_map<uint64_t, PendingPublish> pending_publishes_;
    uint64_t last_request_ = 0;
    uint64_t last_asked_ = 0;  // request, in pending_subscribes_ until it is answered
    size_t asked_topics_ = 0;  // in pending_subscribes_

    TokenBucket rate_;
    TokenBucket topic_rate_;  // a message may name many topics, and each of them costs the hub
    uint64_t rate_warned_ms_ = 0;
    uint64_t rate_refused_ms_ = 0;
    uint64_t last_activity_ms_;
    bool seems_idle_ = false;
    uint64_t messages_in_ = 0;
    uint64_t messages_out_ = 0;
    Timer deadline_;  // the gate's second, then the token's expiry
    Timer heartbeat_;
};

}  // namespace wse::session
