// SPDX-License-Identifier: MIT
#include "hub/history_file.h"

#include <sys/stat.h>

#include "history_fixture.h"
#include "support/file_size_limit.h"

namespace wse::hub {
namespace {

using test::find;
using test::kSmallFile;
using test::Model;
using test::must_open;

// Below the size of a segment, so none can be made.
constexpr rlim_t kFullDisk = 1U << 20;

class HistoryFileTest : public testing::Test {
protected:
    void open(const std::string &boot_id = "boot") {
        opened = {};
        opened = must_open(directory.path(), boot_id);
        opened.file->set_holder(&model);
    }
    void attach(Model &to) { to.attach(*opened.file, opened.stored); }
    // What a process leaves that is killed now: the pages live on in the files.
    HistoryFile::Opened open_as_after_a_kill(const std::string &boot_id = "boot") {
        std::filesystem::remove_all(killed());
        std::filesystem::copy(directory.path(), killed());
        return must_open(killed(), boot_id);
    }
    std::string killed() const { return copies.path() + "/killed"; }

    test::Directory directory;
    test::Directory copies;
    Model model{4};
    HistoryFile::Opened opened;
};

TEST_F(HistoryFileTest, BringsBackWhatWasAppended) {
    open();
    attach(model);
    for (int i = 0; i < 3; ++i) {
        EXPECT_NE(model.publish("a"), 0U);
        EXPECT_NE(model.publish("b", 1000), 0U);
    }
    const uint32_t log_epoch = opened.stored.log_epoch;
    open();
    test::expect_stored(opened.stored, model);
    EXPECT_EQ(opened.stored.log_epoch, log_epoch);
}

TEST_F(HistoryFileTest, LosesAllTopicsWhenSomebodyServedWithoutIt) {
    open();
    attach(model);
    model.publish("a");
    opened = {};
    HistoryFile::distrust(directory.path());
    EXPECT_EQ(must_open(directory.path()).stored.lost.size(), 1U);
}

TEST_F(HistoryFileTest, GoesOnWhereItEnded) {
    for (int round = 0; round < 6; ++round) {
        open();
        Model next(4);
        attach(next);
        EXPECT_EQ(next.sequence, 2U * static_cast<uint64_t>(round));
        next.publish("a");
        next.publish("b");
        EXPECT_EQ(next.topics["a"].state.head.offset, static_cast<uint64_t>(round) + 1);
    }
    EXPECT_LE(directory.segment_bytes(), kSmallFile);
}

TEST_F(HistoryFileTest, MakesNoSegmentBeforeTheFirstAppend) {
    for (int i = 0; i < 3; ++i) open();
    EXPECT_EQ(directory.segment_bytes(), 0U);
}

TEST_F(HistoryFileTest, KeepsEpochsAfterAKillInTheSameBoot) {
    open();
    attach(model);
    for (int i = 0; i < 3; ++i) model.publish("a");
    const auto after = open_as_after_a_kill();
    test::expect_stored(after.stored, model);
    EXPECT_EQ(after.stored.log_epoch, opened.stored.log_epoch);
}

TEST_F(HistoryFileTest, KeepsEpochsAfterACleanStopAndAnotherBoot) {
    open("one");
    attach(model);
    model.publish("a");
    const uint32_t log_epoch = opened.stored.log_epoch;
    open("two");
    test::expect_stored(opened.stored, model);
    EXPECT_EQ(opened.stored.log_epoch, log_epoch);
}

TEST_F(HistoryFileTest, LosesAllTopicsWhenTheMachineDied) {
    open("one");
    attach(model);
    model.publish("a");
    const auto after = open_as_after_a_kill("two");
    EXPECT_TRUE(after.stored.topics.empty());
    ASSERT_EQ(after.stored.lost.size(), 1U);
    EXPECT_EQ(after.stored.lost[0].head.offset, 1U);
    EXPECT_EQ(after.stored.lost[0].mark, 0U);
    EXPECT_NE(after.stored.log_epoch, opened.stored.log_epoch);
}

TEST_F(HistoryFileTest, DoesNotForgetThatTheMachineDied) {
    open("one");
    attach(model);
    model.publish("a");
    { auto after = open_as_after_a_kill("two"); }
    auto again = must_open(killed(), "two");
    ASSERT_EQ(again.stored.lost.size(), 1U);
    again.file->note("a", {99, 0}, 0);
    again = {};
    again = must_open(killed(), "two");
    EXPECT_TRUE(again.stored.lost.empty());
    EXPECT_EQ(find(again.stored.topics, "a")->head, (proto::Position{99, 0}));
}

TEST_F(HistoryFileTest, LosesAllTopicsWithoutItsState) {
    open();
    attach(model);
    model.publish("a");
    opened = {};
    std::filesystem::remove(directory.path() + "/state");
    open();
    EXPECT_EQ(opened.stored.lost.size(), 1U);
}

TEST_F(HistoryFileTest, TrustsNewSegmentsAfterTheOldOnesWereRemoved) {
    open();
    attach(model);
    for (int i = 0; i < 3; ++i) {
        model.publish("a");
        opened = {};
        std::filesystem::remove(directory.path() + "/state");
        open();
        model.attach(*opened.file);
    }
    opened = {};
    std::filesystem::remove(segment_path(directory.path(), 1));
    std::filesystem::remove(segment_path(directory.path(), 2));
    std::filesystem::remove(segment_path(directory.path(), 3));
    open();
    model.attach(*opened.file);
    model.publish("a");
    open();
    EXPECT_NE(find(opened.stored.topics, "a"), nullptr);
}

TEST_F(HistoryFileTest, IsNotOpenedTwice) {
    open();
    const auto second = HistoryFile::open({directory.path(), kSmallFile, "boot", 1});
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().status, WSE_EAGAIN);
}

TEST_F(HistoryFileTest, ChoosesALogEpochThatNoClientHasSeen) {
    open("one");
    attach(model);
    model.publish("a");
    const uint32_t first = opened.stored.log_epoch;
    const auto after = open_as_after_a_kill("two");
    EXPECT_NE(after.stored.log_epoch, first);
    EXPECT_NE(after.stored.log_epoch, 0U);
}

TEST_F(HistoryFileTest, WritesANoteForAMessageThatNoSegmentTakes) {
    open();
    attach(model);
    EXPECT_NE(model.publish("a", 3U << 20), 0U);
    EXPECT_TRUE(opened.file->writing());
    open();
    EXPECT_EQ(find(opened.stored.topics, "a")->head.offset, 1U);
    EXPECT_TRUE(find(opened.stored.topics, "a")->messages.empty());
}

class FullDiskTest : public HistoryFileTest {
protected:
    FullDiskTest() {
        open();
        attach(model);
        model.publish("before");
        const wse::test::FileSizeLimit limit(kFullDisk);
        while (model.publish("busy", 100'000) != 0) {
        }
        EXPECT_FALSE(opened.file->try_again());
    }
};

TEST_F(FullDiskTest, StopsWriting) {
    EXPECT_FALSE(opened.file->writing());
    EXPECT_EQ(model.publish("before"), 0U);
    EXPECT_EQ(opened.file->note("before", {1, 2}, 9), 0U);
}

TEST_F(FullDiskTest, LosesAllTopicsWhenItEndsThere) {
    EXPECT_EQ(open_as_after_a_kill().stored.lost.size(), 2U);
    open();  // the clean stop is none
    EXPECT_EQ(opened.stored.lost.size(), 2U);
}

TEST_F(FullDiskTest, LosesAllTopicsUntilItHasCaughtUp) {
    ASSERT_TRUE(opened.file->try_again());
    EXPECT_TRUE(opened.file->writing());
    EXPECT_EQ(open_as_after_a_kill().stored.lost.size(), 2U);
}

TEST_F(FullDiskTest, LosesNothingOnceItHasCaughtUp) {
    model.publish("during");
    ASSERT_TRUE(opened.file->try_again());
    model.write_again();
    opened.file->caught_up();
    model.publish("after");
    test::expect_stored(open_as_after_a_kill().stored, model);
    open();
    test::expect_stored(opened.stored, model);
}

TEST_F(FullDiskTest, OnlyAtTheStartStillStarts) {
    open();
    Model next(4);
    const wse::test::FileSizeLimit limit(kFullDisk);
    open();
    attach(next);
    EXPECT_EQ(next.publish("a"), 0U);
    EXPECT_FALSE(opened.file->writing());
}

}  // namespace
}  // namespace wse::hub
