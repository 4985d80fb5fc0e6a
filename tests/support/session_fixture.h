// SPDX-License-Identifier: MIT
// One loop with a real hub behind it, fake sockets in front and a clock the test moves.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "session/gate.h"
#include "session/session.h"
#include "support/fake_clock.h"

namespace wse::test {

// Records what the session sends; text only, without the frame's header.
class FakeConnection final : public net::Connection {
public:
    const std::string &id() const override { return id_; }
    const net::Peer &peer() const override { return peer_; }
    bool send(net::FrameRef frame) override {
        if (closed_code != 0) return true;
        if (full) return false;
        const std::string_view wire = frame->wire();
        const size_t head = wire[1] == 126 ? 4 : wire[1] == 127 ? 10 : 2;
        sent.emplace_back(wire.substr(head));
        return true;
    }
    size_t queued_bytes() const override { return 0; }
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

private:
    std::string id_ = "conn";
    net::Peer peer_{"192.0.2.1", 4000};
};

// Answers when the test says so.
class FakeAuthenticator final : public module::Authenticator {
public:
    struct Pending final : module::PendingAuth {
        explicit Pending(FakeAuthenticator &asked) : owner(asked) {}
        ~Pending() override { owner.done = nullptr; }
        FakeAuthenticator &owner;
    };

    const std::string &instance_name() const override { return name_; }
    std::unique_ptr<module::PendingAuth> authenticate(const module::AuthRequest &request,
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
                            .max_header_size = 16384,
                            .max_headers = 100,
                            .max_subscriptions = 5,
                            .max_topic_length = 32,
                            .max_topics = 100,
                            .rate_capacity = 20,
                            .rate_refill = 10,
                            .handshake_timeout_ms = 10000,
                            .auth_timeout_ms = 5000,
                            .close_timeout_ms = 5000};
        settings->keepalive = {.heartbeat_interval_ms = 15000, .idle_timeout_ms = 40000};
        settings->topics = {{"user:{sub}:*", true, false}, {"open*", true, true}};
    }

    // A client with a token; query as after the '?'.
    session::Session &connect(const std::string &query = "") {
        const net::RequestHead head{
            "GET", "/wse", query, {{"host", "h"}, {"authorization", "Bearer secret-token"}}};
        auto generation = std::make_shared<session::Generation>();
        generation->settings = settings;
        generation->authenticators = {with_auth ? &auth : nullptr};
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
    void advance(uint64_t ms) {
        for (uint64_t left = ms; left > 0;) {
            const uint64_t step = std::min<uint64_t>(left, 100);
            clock.advance(step);
            context.timers.advance(clock.monotonic_ms());
            left -= step;
        }
        pump();
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
        if (loop == 0) arrivals.push_back([this, message] { context.fanout.deliver(message); });
    }
    void subscribed(const hub::Origin &origin, std::vector<hub::SubscribedTopic> topics) override {
        arrivals.push_back([this, origin, topics] { context.on_subscribed(origin, topics); });
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

    uint32_t subscribers(const std::string &topic) const {
        const auto *row = core.find(topic);
        return row ? row->subscribers[0] : 0;
    }

    FakeClock clock;
    std::shared_ptr<config::Settings> settings;
    bool with_auth = true;
    bool is_congested = false;
    bool inbox_full = false;
    TimerWheel timers{clock.monotonic_ms()};
    Counters counters;
    hub::Hub core{clock, {.loops = 2, .topics = 10, .pending_submits = 10}, *this, 1};
    session::Context context{0, clock, timers, counters, *this};
    FakeAuthenticator auth;
    FakeConnection connection;
    std::unique_ptr<session::Gate> gate;
    std::deque<std::function<void()>> arrivals;
    std::unique_ptr<net::MessageHandler> handler;
};

}  // namespace wse::test
