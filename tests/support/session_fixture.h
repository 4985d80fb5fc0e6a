// SPDX-License-Identifier: MIT
// One loop with a real hub behind it, fake sockets in front and a clock the test moves.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/glob.h"
#include "base/json.h"
#include "hub/hub.h"
#include "session/gate.h"
#include "session/session.h"
#include "support/fake_clock.h"
#include "support/fake_filters.h"
#include "support/fake_shaper.h"
#include "support/fake_transform.h"

namespace wse::test {

// Records what the session sends; text only, without the frame's header.
class FakeConnection final : public net::Connection {
public:
    const std::string &id() const override { return id_; }
    const net::Peer &peer() const override { return peer_; }
    bool send(net::FrameRef frame) override {
        const std::string_view wire = frame->wire();
        sent_late += closed_code != 0 ? 1 : 0;
        if (closed_code != 0) return true;
        if (full || queued + wire.size() > limit) return false;
        if (stalled) queued += wire.size();
        if (static_cast<uint8_t>(wire[0]) == 0x89) {
            ++pings;
            return true;
        }
        binary += static_cast<uint8_t>(wire[0]) == 0x82 ? 1 : 0;
        sent.emplace_back(frame->payload());
        return true;
    }
    size_t queued_bytes() const override { return queued; }
    void close(uint16_t code, std::string_view reason) override {
        closed_code = code;
        closed_reason = reason;
    }
    void pause_reading() override { paused = true; }
    void resume_reading() override { paused = false; }

    std::vector<std::string> take() { return std::exchange(sent, {}); }

    std::vector<std::string> sent;
    uint16_t closed_code = 0;
    std::string closed_reason;
    bool paused = false;
    bool full = false;
    bool stalled = false;  // what is sent stays queued
    size_t queued = 0;     // what the client has not read, as the session sees it
    size_t limit = SIZE_MAX;
    size_t sent_late = 0;  // frames after the close
    size_t pings = 0;
    size_t binary = 0;  // of what was sent

private:
    std::string id_ = "conn";
    net::Peer peer_{"192.0.2.1", 4000};
};

// Answers when the test says so.
class FakeAuthenticator final : public module::Authenticator {
public:
    struct Pending final : module::Pending {
        explicit Pending(FakeAuthenticator &asked) : owner(asked) {}
        ~Pending() override { owner.done = nullptr; }
        FakeAuthenticator &owner;
    };

    const std::string &instance_name() const override { return name_; }
    std::unique_ptr<module::Pending> authenticate(const module::AuthRequest &request,
                                                  Done callback) override {
        source = request.source;
        credential = request.credential;
        done = std::move(callback);
        return std::make_unique<Pending>(*this);
    }
    bool authorize(const module::Identity &, module::Action, std::string_view topic) override {
        return topic != denied_topic;
    }
    void answer(Result<module::Identity> result) {
        auto callback = std::exchange(done, nullptr);
        callback(std::move(result));
    }

    module::Credential source = module::Credential::kNone;
    std::string credential;
    std::string denied_topic;
    Done done;

private:
    std::string name_ = "fake";
};

class SessionFixture : public testing::Test, public hub::Effects, public session::HubLink {
protected:
    SessionFixture() {
        settings = std::make_shared<config::Settings>();
        settings->listeners.push_back({.name = "main",
                                       .address = "",
                                       .path = "/wse",
                                       .origins = {},
                                       .fallback = "none",
                                       .auth = "",
                                       .anonymous = false,
                                       .token_cookie = "access_token",
                                       .token_query = false,
                                       .subscribe = {}});
        settings->limits = {.max_connections = 10,
                            .max_connections_per_ip = 10,
                            .max_message_size = 1 << 20,
                            .max_publish_size = 1000,
                            .max_outbound = 1 << 20,
                            .max_outbound_age_ms = 30000,
                            .max_header_size = 16384,
                            .max_headers = 100,
                            .max_subscriptions = 5,
                            .max_topic_length = 32,
                            .max_topics = 100,
                            .rate_capacity = 20,
                            .rate_refill = 10,
                            .ping_rate = 0,
                            .handshake_timeout_ms = 10000,
                            .auth_timeout_ms = 5000,
                            .close_timeout_ms = 5000};
        settings->keepalive = {.heartbeat_interval_ms = 15000, .idle_timeout_ms = 40000};
        settings->presence = {.grace_ms = 5000, .max_data = 200, .max_members = 10};
        settings->topics = {{.match = "user:{sub}:*", .subscribe = true, .publish = false},
                            {.match = "open*", .subscribe = true, .publish = true}};
    }

    // A client with a token; query as after the '?'.
    session::Session &connect(const std::string &query = "") {
        const net::RequestHead head{
            "GET", "/wse", query, {{"host", "h"}, {"authorization", "Bearer secret-token"}}};
        auto generation = std::make_shared<session::Generation>();
        generation->settings = settings;
        generation->authenticators = {with_auth ? &auth : nullptr};
        if (shape) generation->shapers.push_back(std::make_unique<FakeShaper>(shape));
        if (with_filters)
            generation->filters =
                std::make_unique<session::FilterTable>(std::make_unique<FakeFilters>(filter_calls));
        for (const module::Layer layer : layers)
            generation->transforms.push_back(
                std::make_unique<FakeTransform>(layer, transform_calls));
        generation->applications = applications;
        gate = std::make_unique<session::Gate>(context, generation, 0);
        handler = gate->open(connection, head);
        return static_cast<session::Session &>(*handler);
    }
    // … whose token was good, and who has said hello.
    session::Session &open(const std::string &claims = "") {
        session::Session &session = connect();
        auth.answer(module::Identity{"alice", claims, 0});
        say(R"({"t":"client_hello","p":{}})");
        connection.sent.clear();
        return session;
    }
    void say(std::string_view text) {
        handler->on_activity();
        handler->on_text(text);
        pump();
    }
    // … in a binary frame.
    void say_binary(std::string_view message) {
        handler->on_activity();
        handler->on_binary(message);
        pump();
    }
    void advance(uint64_t ms) {
        for (uint64_t left = ms; left > 0;) {
            const uint64_t step = std::min<uint64_t>(left, 100);
            clock.advance(step);
            context.timers.advance(clock.monotonic_ms());
            left -= step;
        }
        pump();
    }
    // The client reads what was sent to it; what waited moves on.
    void drain() {
        connection.queued = 0;
        handler->on_drained();
        pump();
    }
    // … and so on, until nothing is left to read.
    void drain_all() {
        do drain();
        while (connection.queued > 0);
    }
    // Lets the hub's answers arrive, in their order.
    void pump() {
        while (!arrivals.empty()) {
            auto next = std::move(arrivals.front());
            arrivals.pop_front();
            next();
        }
    }
    // The messages sent since the last call, parsed; fails the test on anything but JSON.
    std::vector<JsonDocument> replies() {
        std::vector<JsonDocument> documents;
        for (const auto &text : connection.take()) {
            auto document = JsonDocument::parse(text);
            EXPECT_TRUE(document.ok()) << text;
            if (document) documents.push_back(std::move(*document));
        }
        return documents;
    }
    JsonDocument reply() {
        auto all = replies();
        EXPECT_EQ(all.size(), 1U);
        return all.empty() ? std::move(*JsonDocument::parse("{}")) : std::move(all.back());
    }
    static std::string type(const JsonDocument &document) {
        return std::string(document.root()["t"].string().value_or(""));
    }
    static std::string code(const JsonDocument &document) {
        return std::string(document.root()["p"]["code"].string().value_or(""));
    }
    void publish(const std::string &topic, const std::string &payload) {
        core.publish({{1, 0, 0}, {topic, "news", "id", payload, proto::Priority::kNormal}});
        pump();
    }

    // hub::Effects
    void deliver(hub::LoopIndex loop, const proto::MessageRef &message) override {
        if (loop == 0) arrivals.push_back([this, message] { context.on_message(message); });
    }
    void deliver_to(hub::LoopIndex, uint64_t session, const std::string &group,
                    const proto::MessageRef &message) override {
        arrivals.push_back(
            [this, session, group, message] { context.on_member(session, group, message); });
    }
    void notice(hub::LoopIndex loop, const hub::NoticeRef &notice) override {
        if (loop == 0) arrivals.push_back([this, notice] { context.on_notice(*notice); });
    }
    void subscribed(const hub::Origin &origin, std::vector<hub::SubscribedTopic> topics) override {
        if (origin.loop != 0) return;
        arrivals.push_back([this, origin, topics] { context.on_subscribed(origin, topics); });
    }
    void replayed(const hub::Origin &origin, hub::Replayed part) override {
        arrivals.push_back([this, origin, part] { context.on_replayed(origin, part); });
    }
    void synced(const hub::Origin &origin, hub::Synced state) override {
        arrivals.push_back([this, origin, state] { context.on_synced(origin, state); });
    }
    void published(const hub::Origin &origin, Result<proto::Position> position) override {
        if (origin.loop == 0)
            arrivals.push_back(
                [this, origin, position] { context.on_published(origin, position); });
    }
    bool congested() const override { return is_congested; }

    // session::HubLink
    bool publish(hub::Publish command) override {
        if (inbox_full) return false;
        core.publish(std::move(command));
        return true;
    }
    void subscribe(hub::Subscribe command) override { core.subscribe(command); }
    void unsubscribe(hub::Unsubscribe command) override { core.unsubscribe(command); }
    void replay(hub::Replay command) override { core.replay(command); }
    void sync(hub::Sync command) override { core.sync(command); }
    void update_presence(hub::UpdatePresence command) override { core.update_presence(command); }
    void give_back(hub::GiveBack command) override { core.give_back(command); }
    void group_ready(hub::GroupReady command) override { core.group_ready(command); }

    uint32_t subscribers(const std::string &topic) const {
        const auto row = core.row(topic);
        return row ? row->subscribers[0] : 0;
    }
    // The first whose pattern matches counts; without one, topics keep nothing.
    const hub::TopicPolicy &policy_of(std::string_view topic) const {
        static const hub::TopicPolicy kNone;
        for (const auto &[pattern, policy] : policies) {
            if (glob_match(pattern, topic)) return policy;
        }
        return kNone;
    }

    FakeClock clock;
    std::shared_ptr<config::Settings> settings;
    bool with_auth = true;
    bool with_filters = false;
    std::vector<module::Layer> layers;  // a transform for each of them
    TransformCalls transform_calls;
    FilterCalls filter_calls;
    session::Applications applications;  // that topics name
    FakeShaper::Act shape;  // of the one module that shapes events; none: there is none
    bool is_congested = false;
    bool inbox_full = false;
    TimerWheel timers{clock.monotonic_ms()};
    Counters counters;
    std::deque<std::pair<std::string, hub::TopicPolicy>> policies = {
        {"open:kept*",
         {.history = {.messages = 100, .age_ms = 0, .bytes = 1 << 20},
          .presence = true,
          .slow = proto::Slow::kPause}},
    };
    hub::Hub core{
        clock,
        {.loops = 2, .topics = 10, .pending_submits = 10},
        *this,
        [this](std::string_view topic) -> const hub::TopicPolicy & { return policy_of(topic); },
        1};
    session::Context context{0, clock, timers, counters, *this};
    FakeAuthenticator auth;
    FakeConnection connection;
    std::unique_ptr<session::Gate> gate;
    std::deque<std::function<void()>> arrivals;
    std::unique_ptr<net::MessageHandler> handler;
};

}  // namespace wse::test
