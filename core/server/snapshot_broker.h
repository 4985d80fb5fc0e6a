// SPDX-License-Identifier: MIT
// SnapshotBroker: asks snapshot modules once for everybody who wants the same state at the same
// time. A question under way is a flight; who asks meanwhile joins it, or waits for the next one of
// the same key: instance, topic, params, and the user where the module's answers are for one user.
//
// Joining is safe when the answer fits to where the asker stands. With stamps the hub replays from
// wherever the state ends. Without them only those may join whose messages the state has: of an
// asker who stands further on, one may have come after the module was asked, and be in neither.
// [service loop]
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "base/counters.h"
#include "loop/loop.h"
#include "module/snapshot_source.h"
#include "session/snapshot_link.h"

namespace wse::server {

class SnapshotBroker final : public session::SnapshotLink {
public:
    // Hands an answer to a connection loop: one call for each loop and answer.
    using Deliver = std::function<void(hub::LoopIndex loop, session::SnapshotDelivery delivery)>;
    // Beyond them an asker is told WSE_EAGAIN.
    struct Limits {
        size_t flights = 10'000;
        size_t waiters = 1'000'000;  // in all flights
    };

    // Everything outlives it.
    SnapshotBroker(Loop &service, const Clock &clock, Counters &counters, uint64_t timeout_ms,
                   Deliver deliver, const Limits &limits);
    SnapshotBroker(const SnapshotBroker &) = delete;
    SnapshotBroker &operator=(const SnapshotBroker &) = delete;

    // [main] Before anybody asks.
    void add(std::unique_ptr<module::SnapshotSource> source);
    // [any] SnapshotLink
    void ask(session::SnapshotAsk ask) override;
    // Nobody is answered any more, and no module asked. Before the modules stop.
    void stop();

private:
    struct Key {
        std::string instance, topic, params, user;
        bool operator<(const Key &other) const {
            return std::tie(instance, topic, params, user) <
                   std::tie(other.instance, other.topic, other.params, other.user);
        }
    };
    // Those who wait for the same answer, and where the last of them stands.
    struct Party {
        proto::Position position;
        std::vector<hub::Origin> waiters;
    };
    struct Flight {
        std::unique_ptr<module::Pending> pending;
        Party aboard;
        Party next;  // who may not join: it starts when this one has landed
    };

    void take(session::SnapshotAsk &ask);
    Key key_of(const module::SnapshotSource &source, session::SnapshotAsk &ask) const;
    static bool may_join(const Flight &flight, const session::SnapshotAsk &ask);
    static void add_to(Party &party, const session::SnapshotAsk &ask);
    void start(const Key &key, Party party);
    void land(const Key &key, const Result<module::Snapshot> &result);
    session::SnapshotAnswerRef answer_of(const Key &key, proto::Position asked_at,
                                         const Result<module::Snapshot> &result) const;
    session::SnapshotAnswerRef failure_of(const Key &key, const Error &error) const;
    void tell(const session::SnapshotAnswerRef &answer, const std::vector<hub::Origin> &waiters);

    Loop &service_;
    const Clock &clock_;
    Counters &counters_;
    const uint64_t timeout_ms_;
    const Deliver deliver_;
    const Limits limits_;
    std::map<std::string, std::unique_ptr<module::SnapshotSource>, std::less<>> sources_;
    std::map<Key, Flight> flights_;
    size_t waiters_ = 0;
    bool stopped_ = false;
};

}  // namespace wse::server
