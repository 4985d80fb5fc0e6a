// SPDX-License-Identifier: MIT
// A hub whose topics "s:..." are shared with a cluster that the test plays.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "support/fake_cluster.h"
#include "support/hub_fixture.h"

namespace wse::test {

class SharedFixture : public HubFixture {
protected:
    static constexpr uint32_t kEpoch = 0xabcd;

    void SetUp() override {
        policies["s"] = history(5);
        policies["s"].clustered = true;
        policies["here"] = history(5);
        start({.subscribe_wait_ms = 2000});
        hub->set_cluster(&cluster);
    }
    static hub::Remote message(const std::string &topic, uint64_t offset, uint32_t epoch = kEpoch) {
        return {{topic, "type", "id", std::to_string(offset)}, {epoch, offset}};
    }
    static std::vector<hub::Remote> messages(const std::string &topic, uint64_t first,
                                             uint64_t last) {
        std::vector<hub::Remote> all;
        for (uint64_t offset = first; offset <= last; ++offset)
            all.push_back(message(topic, offset));
        return all;
    }
    void remote(const std::string &topic, uint64_t offset, uint32_t epoch = kEpoch) {
        hub->remote(message(topic, offset, epoch));
    }
    void ask(uint64_t session, const std::string &topic,
             std::optional<proto::Position> from = std::nullopt) {
        hub->subscribe({{loop_of(session), session, 0}, {{topic, false, from}}});
    }
    // Subscribed, where the cluster stands at `offset`.
    void follow(uint64_t session, const std::string &topic, uint64_t offset) {
        ask(session, topic);
        hub->followed({topic, {kEpoch, offset}});
        effects.take();
        cluster.take();
    }
    static hub::Remote keyed(uint64_t offset, const std::string &key) {
        return {{"k:1", "type", "id", "{\"k\":\"" + key + "\"}"}, {kEpoch, offset}};
    }
    // A pattern, as a client that comes back does.
    void subscribe_seen(uint64_t session, const Known &known) {
        const hub::Subscribe::Topic pattern{"s:*", false, proto::Position{1, 1}};
        hub->subscribe({{loop_of(session), session, 0}, {pattern}, known});
    }
    void wait(uint64_t ms) {
        clock.advance(ms);
        hub->tick();
    }
    Lines published() {
        publish("s:1", "x", 7);
        return effects.take();
    }

    FakeCluster cluster;
};

}  // namespace wse::test
