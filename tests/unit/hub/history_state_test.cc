// SPDX-License-Identifier: MIT
#include "hub/history_state.h"

#include "history_fixture.h"

namespace wse::hub {
namespace {

using Mark = HistoryState::Mark;

class HistoryStateTest : public testing::Test {
protected:
    HistoryState open() { return std::move(*HistoryState::open(directory.path())); }
    // A process that ends without a further word.
    void run(const std::string &boot_id, Mark mark, uint64_t trusted_from = 0) {
        HistoryState state = open();
        ASSERT_TRUE(state.begin(boot_id, trusted_from, 0).ok());
        state.set(mark);
    }

    test::Directory directory;
};

TEST_F(HistoryStateTest, ThatIsNewIsNotComplete) {
    EXPECT_FALSE(open().is_complete("a"));
}

TEST_F(HistoryStateTest, IsCompleteInTheSameBoot) {
    run("a", Mark::kOpen);
    EXPECT_TRUE(open().is_complete("a"));
    EXPECT_FALSE(open().is_complete("b"));
}

TEST_F(HistoryStateTest, OfABootWithoutANameIsNotComplete) {
    run("", Mark::kOpen);
    EXPECT_FALSE(open().is_complete(""));
}

TEST_F(HistoryStateTest, IsCompleteInAnyBootAfterACleanStop) {
    run("a", Mark::kClean);
    EXPECT_TRUE(open().is_complete("b"));
}

TEST_F(HistoryStateTest, LosesTheCleanMarkWhenAProcessBegins) {
    run("a", Mark::kClean);
    run("b", Mark::kOpen);
    EXPECT_TRUE(open().is_complete("b"));
    EXPECT_FALSE(open().is_complete("c"));
}

TEST_F(HistoryStateTest, IsNotCompleteWhenMessagesAreMissing) {
    run("a", Mark::kMemoryOnly);
    EXPECT_FALSE(open().is_complete("a"));
    run("a", Mark::kOpen);
    EXPECT_TRUE(open().is_complete("a"));
}

TEST_F(HistoryStateTest, RemembersWhichSegmentsCanBeTrusted) {
    run("a", Mark::kOpen, 9);
    EXPECT_EQ(open().trusted_from(), 9U);
}

TEST_F(HistoryStateTest, WithAByteThatFlippedIsNeverCompleteInAnotherBoot) {
    run("a", Mark::kClean);
    run("a", Mark::kOpen, 9);
    auto page = MappedFile::make(directory.path() + "/state", 4096);
    ASSERT_TRUE(page.ok());
    for (size_t i = 0; i < page->size(); ++i) {
        page->data()[i] ^= std::byte{0x5a};
        const HistoryState state = open();
        EXPECT_FALSE(state.is_complete("b")) << i;
        if (state.is_complete("a")) {
            EXPECT_EQ(state.trusted_from(), 9U) << i;
        }
        page->data()[i] ^= std::byte{0x5a};
    }
}

TEST_F(HistoryStateTest, IsMendedByTheNextProcess) {
    run("a", Mark::kClean);
    {
        auto page = MappedFile::make(directory.path() + "/state", 4096);
        ASSERT_TRUE(page.ok());
        for (size_t i = 0; i < page->size(); ++i) page->data()[i] ^= std::byte{0x5a};
    }
    EXPECT_FALSE(open().is_complete("a"));
    run("a", Mark::kOpen);
    EXPECT_TRUE(open().is_complete("a"));
}

}  // namespace
}  // namespace wse::hub
