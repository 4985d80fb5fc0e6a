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
#include "proto/inquiries.h"
#include "proto/server_messages.h"
#include "session/app_link.h"
#include "session/batch.h"
#include "session/context.h"
#include "session/lag.h"
#include "session/rates.h"
#include "session/rights.h"
#include "session/steering.h"

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
    size_t behind = 0;  // topics that wait until it has read what was sent
    DropCounts dropped = {};
};

struct Sealing;

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
    void on_pong(std::string_view payload) override;
    void on_control() override;
    void on_drained() override { pump(); }
    void on_closed(const net::CloseReason &reason) override;

    // Subscriber
    bool deliver(const proto::MessageRef &message, const net::FrameRef &frame,
                 bool by_pattern) override;
    void on_overflow() override;

    // Answers of the hub, through Context.
    // Returns the topics that the session no longer wants.
    std::vector<hub::Unsubscribe::Topic> on_subscribed(uint64_t request,
                                                       std::vector<hub::SubscribedTopic> topics);
    void on_replayed(const hub::Replayed &part);
    void on_synced(uint64_t request, const hub::Synced &state);
    void on_snapshot(uint64_t request, const SnapshotAnswerRef &answer);
    void on_published(uint64_t request, const Result<proto::Position> &position);
    // A message for a queue group. Full: the hub is told when it can take another. Overflow: the
    // session cannot go on, and on_overflow follows.
    enum class Share : uint8_t { kTaken, kFull, kNoMember, kOverflow };
    Share take_share(const std::string &group, const proto::MessageRef &message);

    // To this client alone, outside of topics. False: its queue is full, and the message dropped.
    bool send_direct(const proto::MessageRef &message, const net::FrameRef &frame);
    void close(uint16_t code, std::string_view reason);
    // What a backend wants of it. Before the client's gate is open it waits, in its order.
    void steer(Steering command, Steered done);
    // Closes when its token is one of them; says so.
    bool close_revoked(const Revocation &revocation);
    const std::string &id() const { return connection_.id(); }
    bool is_open() const { return state_ == State::kOpen; }
    SessionRow row() const;
    std::vector<std::string> topics() const;  // sorted
    bool is_subscribed(const std::string &topic) const;

private:
    enum class State : uint8_t { kAuthenticating, kGateClosed, kOpen, kClosed };

    struct PendingSubscribe {
        proto::SubscriptionAck ack;
        bool recover = false;
        std::string group = {};
        FilterRef filter = {};
        SnapshotParamsRef params = {};
        SubscribeReportRef report = {};  // of the backend that asked for it; null: the client did
    };
    struct PendingPublish {
        std::string id, topic;
        bool quiet = false;     // no answer when it worked
        std::string type = {};  // this and the size when they are observed
        uint64_t bytes = 0;
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
    void end(uint16_t code, std::string_view reason, bool flush);
    void observe(uint32_t event, std::string_view topic, std::string_view detail,
                 uint64_t number = 0) const;
    void observe_publish(const PendingPublish &publish) const;
    void observe_unanswered();
    proto::Greeting greeting() const;

    // steering.cc: what a backend makes it do
    void run(Steering &command, const Steered &done);
    void run(SendEvent &what, const Steered &done);
    void run(SendRaw &what, const Steered &done);
    void run(SubscribeTopics &what, const Steered &done);
    void run(UnsubscribeTopics &what, const Steered &done);
    void run(CloseSession &what, const Steered &done);
    void run(SetTopicLists &what, const Steered &done);
    void run(SetPresence &what, const Steered &done);
    void run_waiting();
    void give_up_waiting();

    // sealing.cc: the cipher's key, what may pass without it, and signatures
    // kHeld: it came plain, before there was a key.
    enum class Cover : uint8_t { kPlain, kSealed, kHeld };
    void open_wire(std::string_view hello);
    void arm(std::string_view hello);
    void refuse_encryption();
    bool is_quiet() const;
    bool may_pass(const proto::ClientMessage &message, Cover cover);
    bool has_signed(std::string_view type) const;
    bool prove(std::string_view type);
    bool check_signature(const proto::ClientMessage &message);
    net::FrameRef with_signature(const net::FrameRef &plain);
    void refuse_unreadable(const Error &error);
    void on_encryption_request(const proto::ClientMessage &message);
    void on_key_rotation(const proto::ClientMessage &message);

    // app_events.cc: what the applications hear
    void keep_cookie(const net::RequestHead &head);
    void open_line();
    void close_line(const net::CloseReason &reason);
    void refuse_busy();
    void tell_app(uint32_t event, std::string_view topic);
    bool app_has_room() const;
    bool offer_message(const proto::ClientMessage &message);
    bool offer_raw(uint32_t event, std::string_view data, Cover cover);
    void offer(const module::AppEvent &event);

    // rates.cc: how much a client may send
    bool within_rate(uint64_t count = 1);
    bool within_unpacked_rate(size_t bytes);
    bool take_rate(uint64_t count);
    void share_rates();
    bool within_ping_rate();
    void count_excess();

    // credentials.cc: the token's end, another one in its place, its revocation
    void note_features(const proto::ClientMessage &message);
    static bool cannot_tell(wse_status status);
    void set_notice();
    void watch_expiry();
    void expire();
    void on_auth_refresh(const proto::ClientMessage &message);
    void on_refreshed(const std::string &request, Result<module::Identity> answer);
    Result<void> take_over(module::Identity identity);
    void give_up_denied();
    void withdraw_denied();
    bool is_revoked(const module::Identity &identity) const;

    // batch.cc: many messages as one, both ways
    bool gathers(const proto::Message &message) const;
    bool gather(const proto::MessageRef &message, const net::FrameRef &frame);
    bool flush_batch();
    void on_batch(const proto::ClientMessage &message);
    proto::BatchItem take_item(std::string_view item);

    // inquiries.cc: what clients ask, and set, for themselves
    proto::Facts facts() const;
    proto::Preferences preferences() const;
    void on_health_check(const proto::ClientMessage &message);
    void on_metrics(const proto::ClientMessage &message);
    void on_config_request(const proto::ClientMessage &message);
    void on_config_update(const proto::ClientMessage &message);
    void on_connection_state(const proto::ClientMessage &message);
    void on_debug(const proto::ClientMessage &message);
    void on_sequence_stats(const proto::ClientMessage &message);
    void on_system_status(const proto::ClientMessage &message);
    void apply(const proto::ConfigUpdate &update);

    // outbound.cc: what leaves, and what is done when the client does not take it
    bool put(const net::FrameRef &plain);
    bool is_clear() const;
    Lag &open_lag();
    void send(std::string_view text);
    void send_bare(std::string_view text);
    bool tell(std::string_view text) { return tell(net::Frame::text(text)); }
    bool tell(net::FrameRef frame);
    void send_error(const proto::ErrorMessage &error);
    bool is_behind(const proto::Message &message) const;
    bool give(const proto::MessageRef &message, const net::FrameRef &frame);
    bool give_alone(const proto::MessageRef &message, const net::FrameRef &frame);
    bool give_kept(const proto::MessageRef &message, const net::FrameRef &frame);
    bool shorten_queue();
    void count_drops();
    bool pause(const std::string &topic, proto::Position from);
    void pump();
    void hand_on();
    net::FrameRef up_to_date(const Waiting &waiting) const;
    size_t direct_bytes() const;
    size_t queued_bytes() const;

    // catch_up.cc: what a client missed
    bool take_replay(const hub::Replayed &part);
    void ask_replay();
    void tell_lost(const hub::Replayed &part);
    void send_snapshot(const hub::Retained &retained, const Filter *filter);
    void send_roster(const hub::Roster &roster);
    bool may_receive(const std::string &topic);

    // snapshots.cc: the state behind topics, which modules have
    const std::string *state_source(const std::string &topic) const;
    void join(const hub::SubscribedTopic &topic, const SnapshotParamsRef &params);
    void await_state(const std::string &topic, proto::Position from, bool stamped);
    bool hold(const proto::MessageRef &message, const net::FrameRef &frame, bool &ret_has_room);
    bool move_held(const hub::Replayed &part);
    void give_states();
    bool give_state(const std::string &topic);
    bool release(const std::string &topic, const Held &held);
    void set_answer(Held &held, const SnapshotAnswerRef &answer);
    void stop_waiting(const std::string &topic);
    void forget_held(const std::string &topic);
    Held take_held(const std::string &topic);
    bool give_held(const Held &held);
    bool tell_position(const std::string &topic, proto::Position at);
    bool tell_unavailable(const std::string &topic, wse_status why);

    // sync.cc
    void sync_states(PendingSync &sync, const std::vector<hub::Place> &places);
    void sync_state(PendingSync &sync, const std::string &topic, const hub::Place *place);
    static proto::SnapshotEnd end_of(PendingSync &sync);
    bool settle_syncs(const std::string &topic, bool sent);

    // messages.cc: what clients send
    struct Row;
    static const Row kMessages[];
    // `raw`: what it is to an application when it is no message of ours.
    void handle(std::string_view text, Cover cover, uint32_t raw = WSE_APP_EVENT_TEXT);
    void dispatch(const proto::ClientMessage &message, std::string_view text);
    static const Row *find_row(std::string_view type);
    bool takes_type(std::string_view type) const;
    static std::vector<std::string_view> types();
    void refuse_type(const proto::ClientMessage &message);
    void on_hello(const proto::ClientMessage &message);
    void on_ping(const proto::ClientMessage &message);
    void on_subscription(const proto::ClientMessage &message);
    void on_sync(const proto::ClientMessage &message);
    void on_publish(const proto::ClientMessage &message);
    void on_priority_message(const proto::ClientMessage &message);
    void publish(const Result<proto::PublishRequest> &request, std::string_view message_id,
                 bool quiet);
    void submit(proto::Publication publication, const std::string &id, bool quiet);
    void refuse_publish(const proto::ErrorMessage &error);
    void on_presence_update(const proto::ClientMessage &message);
    void ignore(const proto::ClientMessage &message);
    bool answer_old_ping(std::string_view text);

    // topics.cc: subscriptions
    void subscribe(std::vector<std::string> topics);
    void subscribe(const proto::SubscriptionRequest &request,
                   const SubscribeReportRef &report = {});
    void subscribe_part(std::span<const std::string> topics,
                        const proto::SubscriptionRequest &request, const Result<FilterRef> &filter,
                        PendingSubscribe pending);
    void unsubscribe(std::span<const std::string> topics);
    void unsubscribe_part(std::span<const std::string> topics);
    void refuse_topics(std::span<const std::string> topics, const std::string &reason);
    void leave(const std::string &topic, hub::Unsubscribe &command);
    bool take_topic_rate(std::span<const std::string> names);
    Result<void> check_subscribe(const std::string &topic, const proto::SubscriptionRequest &wish,
                                 bool by_backend);
    Result<void> check_right(const std::string &topic, bool by_backend);
    void answer(PendingSubscribe pending);
    void forget_grant(const std::string &topic);
    bool settle(hub::SubscribedTopic &topic, uint64_t request, PendingSubscribe &pending,
                std::vector<hub::Unsubscribe::Topic> &unwanted);
    void describe(const hub::SubscribedTopic &topic, PendingSubscribe &pending);
    proto::Position position_of(const std::string &topic, proto::Position head) const;
    static bool goes_on(const hub::SubscribedTopic &topic);
    void start(const hub::SubscribedTopic &topic, const PendingSubscribe &pending);
    void send_retained(const hub::SubscribedTopic &topic, const Filter *filter);
    void acknowledge(proto::SubscriptionAck ack);
    bool takes(const std::string &topic);
    bool stands_before(const hub::Replayed &part) const;
    void forget_behind(const std::string &gone);
    void leave_all();

    // filtered.cc: subscriptions with a filter
    Result<FilterRef> find_filter(const proto::SubscriptionRequest &request);
    size_t filter_count(const Filter &one_more) const;
    void set_filter(const std::string &topic, Subscription &subscription, const FilterRef &filter);
    static void describe_filtered(const hub::SubscribedTopic &topic, PendingSubscribe &pending);
    void start_filtered(const hub::SubscribedTopic &topic, const PendingSubscribe &pending);
    const Filter *filter_of(const std::string &topic) const;
    bool passes_a_filter(const proto::Message &message) const;
    static std::vector<proto::MessageRef> take(const Filter &filter,
                                               const std::vector<proto::MessageRef> &messages);

    const config::Settings &settings() const { return *generation_->settings; }

    Context &context_;
    const GenerationRef generation_;
    const config::Listen &listen_;
    module::Authenticator *const authenticator_;
    net::Connection &connection_;
    const uint64_t serial_;
    const uint64_t connected_ms_;
    State state_ = State::kAuthenticating;

    std::unique_ptr<module::Pending> pending_auth_;
    module::Identity identity_;
    std::unique_ptr<Rights> rights_;
    std::string client_version_;
    std::string query_;  // the URL's parameters, a JSON object, until the hello
    Wire wire_;
    std::unique_ptr<Sealing> sealing_;  // once there is a key
    bool said_hello_ = false;
    // The message that is being handled, and whether its signature was found right.
    struct Arrival {
        const proto::ClientMessage *message = nullptr;
        bool proven = false;
    };
    Arrival arrival_;
    bool is_broken_ =
        false;  // what was to be sent could not be encrypted: nothing is sent any more
    std::vector<std::string> query_topics_;  // ?topics=, until an explicit subscribe replaces it

    std::unique_ptr<AppLine> line_;  // null: there is no application, or it has not heard of us yet
    std::string cookie_;             // until it has
    std::vector<std::pair<Steering, Steered>> waiting_;  // behind the gate, as what follows
    std::vector<std::string> held_;                      // texts behind the gate
    size_t held_bytes_ = 0;
    std::unordered_map<std::string, Subscription> subscriptions_;
    std::unordered_map<uint64_t, PendingSubscribe> pending_subscribes_;
    std::unordered_map<uint64_t, PendingPublish> pending_publishes_;
    std::unordered_map<uint64_t, PendingSync> pending_syncs_;  // at the hub
    uint64_t last_request_ = 0;
    size_t asked_topics_ = 0;  // in pending_subscribes_
    size_t asked_states_ = 0;  // that have not been answered

    std::unique_ptr<Lag> lag_;  // once the client did not take all at once
    // Topics that came through a pattern, and whether the client may have them.
    std::unique_ptr<std::unordered_map<std::string, bool>> verdicts_;

    TokenBucket rate_;
    TokenBucket topic_rate_;  // a message may name many topics, and each of them costs the hub
    std::unique_ptr<SharedRates::Share> user_rate_, address_rate_;  // null: no such limit
    std::unique_ptr<TokenBucket> excess_;  // what may be refused before it is closed
    PingRate pings_;
    uint64_t rate_warned_ms_ = 0;
    uint64_t rate_refused_ms_ = 0;
    bool compression_enabled_ = true;
    size_t compression_threshold_ = 0;  // 0: the module's
    size_t max_queue_ = 0;              // messages that may wait for the client; 0: no limit
    Batching batching_;
    std::unique_ptr<Batch> batch_;  // what has been gathered; made when first needed
    bool wants_expiry_ = false;     // to be told before its token ends
    uint64_t expiry_told_ms_ = 0;   // when that is due, wall clock; 0: not, or not any more
    std::unique_ptr<module::Pending> pending_refresh_;  // another token is being looked at
    uint64_t last_activity_ms_;
    bool seems_idle_ = false;
    uint64_t messages_in_ = 0;
    uint64_t messages_out_ = 0;
    Timer deadline_;  // the gate's second, then the token's expiry
    Timer heartbeat_;
};

}  // namespace wse::session
