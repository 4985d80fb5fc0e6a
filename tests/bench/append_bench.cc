// SPDX-License-Identifier: MIT
// HistoryFile::append without a hub, while there is room and while every append pays for giving up
// old segments.
#include <unordered_map>

#include "base/assert.h"
#include "bench/bench.h"
#include "bench/scene.h"

namespace wse::bench {
namespace {

constexpr size_t kBusyTopics = 100;
constexpr size_t kQuietTopics = 1000;

// Says what is still needed: the last messages of every topic. Each topic has epoch 1.
class Holder final : public hub::Journal::Holder {
public:
    explicit Holder(uint64_t window) : window_(window) {}
    TopicState *find(std::string_view topic) override {
        const auto found = topics_.find(topic);
        return found == topics_.end() ? nullptr : &found->second;
    }
    bool holds(std::string_view topic, proto::Position position) override {
        return position.offset + window_ > topics_.at(topic).head.offset;
    }
    TopicState &add(std::string_view topic) { return topics_[topic]; }

private:
    const uint64_t window_;
    std::unordered_map<std::string_view, TopicState> topics_;
};

struct Setting {
    std::string name;
    size_t bytes = 0;
    uint64_t file_bytes = 0;
    uint64_t held = 0;    // messages of each topic
    uint64_t quiet = 0;   // of these, in topics that nothing is published to any more
    uint64_t before = 0;  // bytes appended to the busy topics before the measuring
    uint64_t measured = 0;
};

class AppendRound final : public Round {
public:
    explicit AppendRound(const Setting &setting);
    uint64_t run(Stopwatch &watch) override;

private:
    void append(size_t topic);

    const Setting setting_;
    const std::string payload_;
    ScratchDirectory directory_;
    std::vector<std::string> names_;
    Holder holder_;
    std::vector<Holder::TopicState *> states_;
    std::unique_ptr<hub::HistoryFile> file_;
    uint64_t sequence_ = 0;
};

AppendRound::AppendRound(const Setting &setting)
    : setting_(setting), payload_(payload_of(setting.bytes)), holder_(setting.held) {
    names_.reserve(kBusyTopics + kQuietTopics);
    for (size_t i = 0; i < kBusyTopics + kQuietTopics; ++i) {
        names_.push_back("room:" + std::to_string(i));
        states_.push_back(&holder_.add(names_.back()));
        states_.back()->head.epoch = 1;
    }
    file_ = std::move(open_history(directory_.path(), setting.file_bytes).file);
    file_->set_holder(&holder_);
    for (size_t i = 0; i < kQuietTopics * setting.quiet; ++i)
        append(kBusyTopics + i % kQuietTopics);
    for (size_t i = 0; i < setting.before / setting.bytes; ++i) append(i % kBusyTopics);
}

void AppendRound::append(size_t topic) {
    Holder::TopicState &state = *states_[topic];
    ++state.head.offset;
    state.sequence = ++sequence_;
    const proto::Message message(
        {{names_[topic], "news", "0194272e-7d2f-7cc4-8a6f-3d1c6a0b2e4f", payload_},
         state.head,
         sequence_,
         1'767'323'045'678},
        {});
    state.mark = file_->append(message, state.head);
}

// The message is made here too: some 50 ns and the copy of the payload.
uint64_t AppendRound::run(Stopwatch &watch) {
    const uint64_t count = setting_.measured / setting_.bytes;
    watch.start();
    for (size_t i = 0; i < count; ++i) append(i % kBusyTopics);
    watch.stop();
    WSE_ASSERT(file_->writing(), "the history file has no room for a benchmark");
    return count;
}

}  // namespace

void add_append_cases(std::vector<Case> &cases) {
    constexpr uint64_t kMiB = uint64_t{1} << 20;
    for (const size_t bytes : {64, 512, 4096}) {
        // What lives in quiet topics is a quarter of the file, and is copied over and over.
        const uint64_t quiet = 12 * kMiB / kQuietTopics / (bytes + 128);
        const Setting settings[] = {
            {.name = "room", .bytes = bytes, .file_bytes = 512 * kMiB, .measured = 32 * kMiB},
            {.name = "steady",
             .bytes = bytes,
             .file_bytes = 48 * kMiB,
             .held = 10,
             .before = 64 * kMiB,
             .measured = 32 * kMiB},
            {.name = "copying",
             .bytes = bytes,
             .file_bytes = 48 * kMiB,
             .held = quiet,
             .quiet = quiet,
             .before = 64 * kMiB,
             .measured = 32 * kMiB},
        };
        for (const auto &setting : settings) {
            cases.push_back({"append/" + setting.name + "/" + std::to_string(bytes), "messages",
                             bytes, [setting] { return std::make_unique<AppendRound>(setting); }});
        }
    }
}

}  // namespace wse::bench
