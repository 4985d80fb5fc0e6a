// SPDX-License-Identifier: MIT
// session::Fanout::deliver to a thousand subscribers of one loop.
#include <deque>

#include "base/assert.h"
#include "bench/bench.h"
#include "bench/scene.h"
#include "session/fanout.h"

namespace wse::bench {
namespace {

constexpr size_t kSubscribers = 1000;
constexpr uint64_t kMessages = 2000;

class Listener final : public session::Subscriber {
public:
    bool deliver(const proto::MessageRef &, const net::FrameRef &frame, bool) override {
        last = frame;
        ++frames;
        return true;
    }
    void on_overflow() override {}

    net::FrameRef last;  // what a socket does at least: hold on to it
    uint64_t frames = 0;
    session::Subscription subscription;
};

class FanoutRound final : public Round {
public:
    FanoutRound(const std::string &name, size_t bytes)
        : message_(new proto::Message(
              {publication_of("room:7", payload_of(bytes)).publication, {1, 1}, 1, 1},
              {.stamped = true, .slow = proto::Slow::kPause})) {
        for (size_t i = 0; i < kSubscribers; ++i) {
            auto &listener = listeners_.emplace_back();
            listener.subscription.subscriber = &listener;
            fanout_.add(name, listener.subscription);
        }
    }
    ~FanoutRound() override {
        for (auto &listener : listeners_) fanout_.remove(listener.subscription);
    }
    uint64_t run(Stopwatch &watch) override {
        watch.start();
        for (uint64_t i = 0; i < kMessages; ++i) fanout_.deliver(message_);
        watch.stop();
        WSE_ASSERT(listeners_.back().frames == kMessages, "a subscriber was left out");
        return kMessages * kSubscribers;
    }

private:
    const proto::MessageRef message_;
    session::Fanout fanout_;
    std::deque<Listener> listeners_;
};

}  // namespace

void add_fanout_cases(std::vector<Case> &cases) {
    for (const auto &[kind, name] : {std::pair{"topic", "room:7"}, {"pattern", "room:*"}}) {
        for (const size_t bytes : {64, 4096}) {
            cases.push_back({std::string("fanout/") + kind + "/" + std::to_string(bytes),
                             "deliveries", 0, [topic = std::string(name), bytes] {
                                 return std::make_unique<FanoutRound>(topic, bytes);
                             }});
        }
    }
}

}  // namespace wse::bench
