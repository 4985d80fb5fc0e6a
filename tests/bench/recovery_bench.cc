// SPDX-License-Identifier: MIT
// The hub's side of a herd that comes back: each client subscribes with the position it had, and
// asks for the rest until it has all.
#include "base/assert.h"
#include "bench/bench.h"
#include "bench/scene.h"

namespace wse::bench {
namespace {

constexpr uint64_t kRing = 1000;
constexpr uint64_t kMissed = 100;
constexpr uint64_t kClients = 10'000;

class RecoveryRound final : public Round {
public:
    explicit RecoveryRound(size_t bytes)
        : hub_(clock_, {.loops = 3}, effects_, keep_messages(kRing), 1) {
        const std::string payload = payload_of(bytes);
        for (uint64_t i = 0; i < 2 * kRing; ++i) hub_.publish(publication_of("room:7", payload));
    }
    uint64_t run(Stopwatch &watch) override;

private:
    SystemClock clock_;
    CountingEffects effects_;
    hub::Hub hub_;
};

uint64_t RecoveryRound::run(Stopwatch &watch) {
    const auto [epoch, offset] = effects_.position;
    const proto::Position seen{epoch, offset - kMissed};
    watch.start();
    for (uint64_t client = 1; client <= kClients; ++client) {
        hub_.subscribe({.origin = {0, client, 1}, .topics = {{"room:7", false, seen}}});
        while (!effects_.unfinished.empty()) {
            const hub::Replay rest = std::move(effects_.unfinished.back());
            effects_.unfinished.pop_back();
            hub_.replay(rest);
        }
    }
    watch.stop();
    WSE_ASSERT(effects_.replayed_messages == kClients * kMissed, "a replay is not complete");
    return kClients;
}

}  // namespace

void add_recovery_cases(std::vector<Case> &cases) {
    // At 4 KiB a replay takes two parts.
    for (const size_t bytes : {64, 512, 4096}) {
        cases.push_back({"recovery/hub/" + std::to_string(bytes), "clients", 0,
                         [bytes] { return std::make_unique<RecoveryRound>(bytes); }});
    }
}

}  // namespace wse::bench
