// SPDX-License-Identifier: MIT
// The connection loop's side of a herd that comes back: real sessions on fake sockets, with a real
// hub behind them that answers at once.
#include <deque>

#include "base/assert.h"
#include "bench/bench.h"
#include "bench/scene.h"
#include "net/frame.h"
#include "net/outbox.h"
#include "proto/server_messages.h"
#include "session/session.h"

namespace wse::bench {
namespace {

constexpr uint64_t kRing = 1000;
constexpr uint64_t kMissed = 100;
constexpr size_t kClients = 1000;

// A socket that takes everything and is emptied when the case says so.
class Sink final : public net::Connection {
public:
    const std::string &id() const override { return id_; }
    const net::Peer &peer() const override { return peer_; }
    bool send(net::FrameRef frame) override {
        ++frames;
        outbox.push(std::move(frame));
        return true;
    }
    size_t queued_bytes() const override { return outbox.bytes(); }
    void close(uint16_t, std::string_view) override {}
    void pause_reading() override {}
    void resume_reading() override {}

    net::Outbox outbox;
    uint64_t frames = 0;

private:
    std::string id_ = "0194272e-7d2f-7cc4-8a6f-3d1c6a0b2e4f";
    net::Peer peer_{"192.0.2.1", 4000};
};

session::GenerationRef generation() {
    auto settings = std::make_shared<config::Settings>();
    settings->listeners.emplace_back().anonymous = true;
    settings->limits.max_message_size = 1 << 20;
    settings->limits.max_outbound = 4 << 20;
    settings->limits.max_outbound_age_ms = 30'000;
    settings->limits.max_subscriptions = 100;
    settings->limits.max_topic_length = 256;
    settings->limits.rate_capacity = settings->limits.rate_refill = 1000;
    settings->keepalive = {.heartbeat_interval_ms = 15'000, .idle_timeout_ms = 40'000};
    settings->topics = {{.match = "*", .subscribe = true, .publish = true}};
    auto made = std::make_shared<session::Generation>();
    made->settings = std::move(settings);
    made->authenticators = {nullptr};
    return made;
}

// One loop and its hub in one thread. Answers arrive in the call that asks for them.
class Server final : public hub::Effects, public session::HubLink {
public:
    explicit Server(uint64_t ring) : core(clock, {.loops = 1}, *this, keep_messages(ring), 1) {}

    void deliver(hub::LoopIndex, const proto::MessageRef &message) override {
        context.on_message(message);
    }
    void deliver_to(hub::LoopIndex, uint64_t, const std::string &,
                    const proto::MessageRef &) override {}
    void notice(hub::LoopIndex, const hub::NoticeRef &) override {}
    void subscribed(const hub::Origin &origin, std::vector<hub::SubscribedTopic> topics) override {
        context.on_subscribed(origin, std::move(topics));
    }
    void replayed(const hub::Origin &origin, hub::Replayed part) override {
        context.on_replayed(origin, part);
    }
    void synced(const hub::Origin &, hub::Synced) override {}
    void published(const hub::Origin &, Result<proto::Position> answer) override { head = *answer; }
    bool congested() const override { return false; }

    bool publish(hub::Publish command) override {
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

    SystemClock clock;
    TimerWheel timers{clock.monotonic_ms()};
    Counters counters;
    hub::Hub core;
    session::Context context{0, clock, timers, counters, *this};
    proto::Position head;
};

struct Client {
    Client(session::Context &context, const session::GenerationRef &settings)
        : session(context, settings, 0, sink, {"GET", "/wse", "", {}}) {
        session.on_text(R"({"t":"client_hello","p":{}})");
    }
    Sink sink;  // outlives the session
    session::Session session;
};

class SessionRound final : public Round {
public:
    explicit SessionRound(size_t bytes);
    ~SessionRound() override;
    uint64_t run(Stopwatch &watch) override;

private:
    Server server_{kRing};
    std::deque<Client> clients_;
};

SessionRound::SessionRound(size_t bytes) {
    const std::string payload = payload_of(bytes);
    for (uint64_t i = 0; i < 2 * kRing; ++i)
        server_.core.publish(publication_of("room:7", payload));
    const auto settings = generation();
    for (size_t i = 0; i < kClients; ++i) clients_.emplace_back(server_.context, settings);
}

SessionRound::~SessionRound() {
    for (auto &client : clients_) client.session.on_closed({});
}

uint64_t SessionRound::run(Stopwatch &watch) {
    const std::string request =
        R"({"t":"subscription_update","p":{"action":"subscribe","topics":["room:7"],)"
        R"("recover":true,"recovery":{"room:7":{"epoch":")" +
        proto::epoch_text(server_.head.epoch) + R"(","offset":)" +
        std::to_string(server_.head.offset - kMissed) + "}}}}";
    for (auto &client : clients_) {
        const uint64_t before = client.sink.frames;
        watch.start();
        client.session.on_text(request);
        // The client reads, and the rest of a long replay is asked for.
        while (client.sink.outbox.bytes() > 0) {
            client.sink.outbox.consume(client.sink.outbox.bytes());
            client.session.on_drained();
        }
        watch.stop();
        WSE_ASSERT(client.sink.frames - before == kMissed + 1, "a client did not get its replay");
    }
    return clients_.size();
}

// What of it is making frames and queueing them.
class EncodeRound final : public Round {
public:
    explicit EncodeRound(size_t bytes) {
        for (uint64_t i = 1; i <= kMissed; ++i) {
            hub::Publish command = publication_of("room:7", payload_of(bytes));
            messages_.push_back(proto::MessageRef(new proto::Message(
                {std::move(command.publication), {0x1234, i}, i, 1'767'323'045'678 + i},
                {.stamped = true, .slow = proto::Slow::kPause})));
        }
    }
    uint64_t run(Stopwatch &watch) override {
        watch.start();
        for (size_t i = 0; i < kClients; ++i) {
            for (const auto &message : messages_)
                sink_.outbox.push(net::Frame::text(proto::event(*message)));
            sink_.outbox.consume(sink_.outbox.bytes());
        }
        watch.stop();
        return kClients * kMissed;
    }

private:
    std::vector<proto::MessageRef> messages_;
    Sink sink_;
};

}  // namespace

void add_session_cases(std::vector<Case> &cases) {
    for (const size_t bytes : {64, 512, 4096}) {
        const std::string size = std::to_string(bytes);
        cases.push_back({"recovery/session/" + size, "clients", kMissed * bytes,
                         [bytes] { return std::make_unique<SessionRound>(bytes); }});
        cases.push_back({"recovery/encode/" + size, "messages", bytes,
                         [bytes] { return std::make_unique<EncodeRound>(bytes); }});
    }
}

}  // namespace wse::bench
