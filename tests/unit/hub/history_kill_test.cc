// SPDX-License-Identifier: MIT
// A process that is killed at any instant has lost nothing that it said it wrote.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "history_fixture.h"

namespace wse::hub {
namespace {

using test::content;
using test::Model;

constexpr size_t kTopics = 40;
constexpr size_t kKept = 3;
constexpr size_t kPayload = 3000;

std::string topic_name(size_t index) {
    return "topic " + std::to_string(index);
}

// One word for each message, written when append() has returned.
struct Report {
    uint64_t topic;
    uint32_t epoch;
    uint64_t offset;
};

[[noreturn]] void publish_for_ever(const std::string &path, int reports, size_t seed) {
    auto opened = test::must_open(path);
    Model model(kKept);
    model.last_epoch = static_cast<uint32_t>(seed);
    model.attach(*opened.file, opened.stored);
    for (size_t i = seed;; i += 1 + i % 7) {
        const size_t index = i % kTopics;
        if (model.publish(topic_name(index), i % 5 * kPayload) == 0) _exit(1);
        const proto::Position head = model.topics[topic_name(index)].state.head;
        const Report report{index, head.epoch, head.offset};
        if (write(reports, &report, sizeof report) != sizeof report) _exit(2);
    }
}

using Heads = std::map<uint64_t, proto::Position>;

// Lets a process publish, kills it after `count` messages, and collects what it said.
void run_and_kill(const std::string &path, size_t seed, size_t count, Heads &heads) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        publish_for_ever(path, ends[1], seed);
    }
    close(ends[1]);
    Report report{};
    size_t reports = 0;
    while (read(ends[0], &report, sizeof report) == sizeof report) {
        heads[report.topic] = {report.epoch, report.offset};
        if (++reports == count) kill(child, SIGKILL);
    }
    close(ends[0]);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "it ended by itself, with " << WEXITSTATUS(status);
}

void expect_all(const StoredHistory &stored, const Heads &heads) {
    EXPECT_TRUE(stored.lost.empty());
    for (const auto &[index, head] : heads) {
        const std::string name = topic_name(index);
        const StoredTopic *const topic = test::find(stored.topics, name);
        ASSERT_NE(topic, nullptr) << name;
        EXPECT_EQ(topic->head.epoch, head.epoch) << name;
        // One message may have been written and not reported any more.
        EXPECT_GE(topic->head.offset, head.offset) << name;
        EXPECT_LE(topic->head.offset, head.offset + 1) << name;
        const size_t kept = std::min<uint64_t>(kKept, topic->head.offset);
        ASSERT_GE(topic->messages.size(), kept) << name;
        for (size_t i = 0; i < kept; ++i) {
            const auto &message = topic->messages[topic->messages.size() - 1 - i];
            EXPECT_EQ(message.position.offset, topic->head.offset - i) << name;
            EXPECT_TRUE(message.publication.payload.starts_with(
                content(name, message.position.offset).substr(0, 10)));
        }
    }
}

TEST(HistoryKill, LosesNothingThatWasReported) {
    const test::Directory directory;
    Heads heads;
    uint32_t log_epoch = 0;
    for (size_t round = 1; round <= 30 && !testing::Test::HasFailure(); ++round) {
        run_and_kill(directory.path(), round, 1 + round * 7919 % 1000, heads);
        // Sometimes the next process is the first to look after a kill.
        if (round % 3 == 0) continue;
        const auto opened = test::must_open(directory.path());
        expect_all(opened.stored, heads);
        if (log_epoch == 0) log_epoch = opened.stored.log_epoch;
        EXPECT_EQ(opened.stored.log_epoch, log_epoch);
    }
}

}  // namespace
}  // namespace wse::hub
