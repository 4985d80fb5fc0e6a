// SPDX-License-Identifier: MIT
// How a history file keeps to its size, and what is still there then.
#include "history_fixture.h"

namespace wse::hub {
namespace {

using test::find;
using test::kSmallFile;
using test::Model;
using test::must_open;

class HistoryReclaimTest : public testing::Test {
protected:
    void open(uint64_t file_size = kSmallFile) {
        opened = {};
        opened = must_open(directory.path(), "boot", file_size);
        opened.file->set_holder(&model);
    }
    // Publishes so many bytes in all, to eight topics in turn.
    void publish(uint64_t total, size_t each) {
        for (uint64_t sent = 0; sent < total; sent += each) {
            ASSERT_NE(model.publish("topic " + std::to_string(sent / each % 8), each), 0U);
            if (sent / each % 16 == 0) highest = std::max(highest, directory.segment_bytes());
        }
    }

    test::Directory directory;
    Model model{5};
    HistoryFile::Opened opened;
    uint64_t highest = 0;
};

TEST_F(HistoryReclaimTest, KeepsToItsSizeAndKeepsWhatIsHeld) {
    open();
    model.attach(*opened.file);
    for (int i = 0; i < 3; ++i) model.publish("idle " + std::to_string(i));
    publish(50 * kSmallFile, 32 << 10);
    EXPECT_LE(highest, kSmallFile);
    EXPECT_GT(highest, 0U);
    open();
    test::expect_stored(opened.stored, model);
}

TEST_F(HistoryReclaimTest, RemembersWhereIdleTopicsStand) {
    open();
    model.attach(*opened.file);
    model.publish("idle");
    model.topics["idle"].ring.clear();
    model.publish("forgotten");
    model.topics.erase("forgotten");
    publish(5 * kSmallFile, 32 << 10);
    open();
    const StoredTopic *const idle = find(opened.stored.topics, "idle");
    ASSERT_NE(idle, nullptr);
    EXPECT_EQ(idle->head, model.topics["idle"].state.head);
    EXPECT_EQ(idle->sequence, model.topics["idle"].state.sequence);
    EXPECT_TRUE(idle->messages.empty());
    EXPECT_EQ(find(opened.stored.topics, "forgotten"), nullptr);
}

TEST_F(HistoryReclaimTest, RemembersIdleTopicsOfAProcessBefore) {
    open();
    model.attach(*opened.file);
    model.publish("idle");
    open();
    model = Model(0);
    model.attach(*opened.file, opened.stored);
    publish(5 * kSmallFile, 32 << 10);
    open();
    EXPECT_NE(find(opened.stored.topics, "idle"), nullptr);
}

TEST_F(HistoryReclaimTest, DoesALittleWithEveryAppend) {
    open();
    model.attach(*opened.file);
    uint64_t most = 0;
    for (int i = 0; i < 40'000; ++i) {
        const uint64_t before = model.questions;
        ASSERT_NE(model.publish("topic", 1000), 0U);
        most = std::max(most, model.questions - before);
    }
    EXPECT_GT(most, 0U);
    EXPECT_LE(most, 8U);
}

TEST_F(HistoryReclaimTest, DoesNotPutAnOldIncarnationBehindItsSuccessor) {
    open();
    model.attach(*opened.file);
    model.publish("topic");
    // The holder learns of the new epoch only later.
    for (uint64_t offset = 1; offset <= 200; ++offset) {
        const proto::Position position{99, offset};
        const proto::MessageRef message(new proto::Message(
            {{"topic", "type", "id", test::content("topic", offset, 100'000)}, position, 0, 0},
            {}));
        ASSERT_NE(opened.file->append(*message, position), 0U);
    }
    open();
    EXPECT_EQ(find(opened.stored.topics, "topic")->head, (proto::Position{99, 200}));
}

TEST_F(HistoryReclaimTest, TakesMessagesAsLongAsTheyMayBe) {
    model = Model(0);
    open();
    model.attach(*opened.file);
    publish(10 * kSmallFile, 1 << 20);
    EXPECT_LE(highest, kSmallFile);
}

TEST_F(HistoryReclaimTest, KeepsToItsSizeThroughManyStarts) {
    for (int i = 0; i < 20; ++i) {
        open();
        model.attach(*opened.file, opened.stored);
        ASSERT_NE(model.publish("a", 1000), 0U);
        publish(1 << 20, 64 << 10);
        EXPECT_LE(directory.segment_bytes(), kSmallFile);
    }
    open();
    test::expect_stored(opened.stored, model);
}

TEST_F(HistoryReclaimTest, ShrinksToASmallerSize) {
    open(4 * kSmallFile);
    model.attach(*opened.file);
    publish(8 * kSmallFile, 32 << 10);
    EXPECT_GT(directory.segment_bytes(), kSmallFile);
    open();
    model.attach(*opened.file);
    publish(kSmallFile, 32 << 10);
    EXPECT_LE(directory.segment_bytes(), kSmallFile);
    open();
    test::expect_stored(opened.stored, model);
}

TEST_F(HistoryReclaimTest, StopsWritingWhenAllOfItIsHeld) {
    model = Model(1'000'000);
    open();
    model.attach(*opened.file);
    uint64_t written = 0;
    while (model.publish("topic", 32 << 10) != 0) ++written;
    EXPECT_FALSE(opened.file->writing());
    EXPECT_GT(written * (32 << 10), kSmallFile / 2);
    EXPECT_LE(directory.segment_bytes(), kSmallFile);
    EXPECT_FALSE(opened.file->try_again());

    auto &ring = model.topics["topic"].ring;
    ring.erase(ring.begin(), ring.end() - 20);
    bool has_room = false;
    for (int i = 0; i < 4 && !has_room; ++i) has_room = opened.file->try_again();
    ASSERT_TRUE(has_room);
    EXPECT_EQ(model.topics["topic"].state.mark, 0U);  // copies are not all of it
    model.write_again();
    opened.file->caught_up();
    open();
    test::expect_stored(opened.stored, model);
}

}  // namespace
}  // namespace wse::hub
