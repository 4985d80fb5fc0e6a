// SPDX-License-Identifier: MIT
// A start with a full history file: opening it, and taking it up into a hub.
#include "base/assert.h"
#include "bench/bench.h"
#include "bench/scene.h"

namespace wse::bench {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;
constexpr uint64_t kFileBytes = 256 * kMiB;
constexpr uint64_t kMemoryBytes = 1024 * kMiB;
constexpr size_t kTopics = 1000;
constexpr uint64_t kRing = 200;
constexpr size_t kPayload = 512;

std::string topic_name(size_t number) {
    return "room:" + std::to_string(number);
}

class LoadRound final : public Round {
public:
    LoadRound();
    uint64_t run(Stopwatch &watch) override;

private:
    hub::Limits limits() const { return {.loops = 3, .history_bytes = kMemoryBytes}; }

    ScratchDirectory directory_;
    SystemClock clock_;
    CountingEffects effects_;
};

// So much is published that the file has been full for a while, and its records are mixed.
LoadRound::LoadRound() {
    auto opened = open_history(directory_.path(), kFileBytes);
    hub::Hub hub(clock_, limits(), effects_, keep_messages(kRing), 1);
    hub.restore(*opened.file, std::move(opened.stored));
    const std::string payload = payload_of(kPayload);
    for (size_t i = 0; i < kFileBytes * 3 / 2 / kPayload; ++i)
        hub.publish(publication_of(topic_name(i * 7 % kTopics), payload));
    WSE_ASSERT(opened.file->writing(), "the history file has no room for a benchmark");
}

uint64_t LoadRound::run(Stopwatch &watch) {
    hub::Hub hub(clock_, limits(), effects_, keep_messages(kRing), 2);
    watch.start();
    auto opened = open_history(directory_.path(), kFileBytes);
    hub.restore(*opened.file, std::move(opened.stored));
    watch.stop();
    const auto row = hub.row(topic_name(0));
    WSE_ASSERT(row && row->history_messages == kRing, "messages are missing after the start");
    return kFileBytes / kMiB;
}

}  // namespace

void add_load_cases(std::vector<Case> &cases) {
    cases.push_back({"load/256MiB", "MiB", kMiB, [] { return std::make_unique<LoadRound>(); }});
}

}  // namespace wse::bench
