// SPDX-License-Identifier: MIT
// Hub::publish, from the command to the effects.
#include "base/assert.h"
#include "bench/bench.h"
#include "bench/scene.h"

namespace wse::bench {
namespace {

constexpr uint64_t kRing = 1000;
constexpr uint32_t kPublishes = 100'000;
constexpr uint32_t kBatch = 500;  // made ahead, unmeasured
constexpr uint32_t kPatterns = 10'000;
constexpr uint64_t kFileBytes = uint64_t{128} << 20;

struct Setting {
    std::string name;
    bool subscriber = false;
    bool history = false;
    bool file = false;
    bool id_given = false;
    bool patterns = false;
};

class PublishRound final : public Round {
public:
    PublishRound(const Setting &setting, size_t bytes);
    uint64_t run(Stopwatch &watch) override;

private:
    std::vector<hub::Publish> batch() const;

    const Setting setting_;
    const std::string payload_;
    SystemClock clock_;
    CountingEffects effects_;
    std::unique_ptr<ScratchDirectory> directory_;
    hub::HistoryFile::Opened journal_;  // the hub only uses it
    hub::Hub hub_;
};

PublishRound::PublishRound(const Setting &setting, size_t bytes)
    : setting_(setting),
      payload_(payload_of(bytes)),
      hub_(clock_, {.loops = 3}, effects_, keep_messages(setting.history ? kRing : 0), 1) {
    if (setting.file) {
        directory_ = std::make_unique<ScratchDirectory>();
        journal_ = open_history(directory_->path(), kFileBytes);
        hub_.restore(*journal_.file, std::move(journal_.stored));
    }
    if (setting.subscriber) hub_.subscribe({.origin = {0, 1, 1}, .topics = {{"room:7"}}});
    for (uint32_t i = 0; setting.patterns && i < kPatterns; ++i)
        hub_.subscribe({.origin = {1, 2, 1}, .topics = {{"desk:" + std::to_string(i) + ":*"}}});
    // When the measuring begins, the ring is full, and so is the window of ids.
    const uint64_t first = setting.id_given ? hub::Limits().dedup_ids : 2 * kRing;
    for (uint64_t done = 0; done < first; done += kBatch) {
        for (auto &each : batch()) hub_.publish(std::move(each));
    }
}

std::vector<hub::Publish> PublishRound::batch() const {
    std::vector<hub::Publish> commands;
    commands.reserve(kBatch);
    for (uint32_t i = 0; i < kBatch; ++i) {
        commands.push_back(publication_of("room:7", payload_));
        commands.back().publication.id_given = setting_.id_given;
    }
    return commands;
}

uint64_t PublishRound::run(Stopwatch &watch) {
    const uint64_t before = effects_.delivered;
    for (uint32_t done = 0; done < kPublishes; done += kBatch) {
        auto commands = batch();
        watch.start();
        for (auto &each : commands) hub_.publish(std::move(each));
        watch.stop();
    }
    const uint64_t delivered = effects_.delivered - before;
    WSE_ASSERT(delivered == (setting_.subscriber ? kPublishes : 0), "deliveries are missing");
    return kPublishes;
}

}  // namespace

void add_publish_cases(std::vector<Case> &cases) {
    const Setting settings[] = {
        {.name = "nobody"},
        {.name = "loop", .subscriber = true},
        {.name = "history", .subscriber = true, .history = true},
        {.name = "file", .subscriber = true, .history = true, .file = true},
        {.name = "id", .subscriber = true, .history = true, .id_given = true},
        {.name = "patterns", .subscriber = true, .history = true, .patterns = true},
    };
    for (const auto &setting : settings) {
        for (const size_t bytes : {64, 512, 4096}) {
            cases.push_back(
                {"publish/" + setting.name + "/" + std::to_string(bytes), "messages", bytes,
                 [setting, bytes] { return std::make_unique<PublishRound>(setting, bytes); }});
        }
    }
}

}  // namespace wse::bench
