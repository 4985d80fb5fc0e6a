// SPDX-License-Identifier: MIT
// Histories as they are shown to people, page by page.
#include "support/hub_fixture.h"

namespace wse::hub {
namespace {

class HistoryPageTest : public test::HubFixture {
protected:
    HistoryPageTest() {
        policies["kept"] = history(5);
        start();
    }
    Offsets page(uint64_t offset, size_t limit, bool reverse = false, size_t bytes = SIZE_MAX) {
        const auto found = hub->history("kept:a", offset, limit, bytes, reverse);
        Offsets offsets;
        for (const auto &message : found->messages) offsets.push_back(message->position.offset);
        more = found->more;
        return offsets;
    }
    bool more = false;
};

TEST_F(HistoryPageTest, GoForwardAndBack) {
    publish_many("kept:a", 7);
    EXPECT_EQ(page(0, 3), (Offsets{3, 4, 5}));
    EXPECT_TRUE(more);
    EXPECT_EQ(page(5, 3), (Offsets{6, 7}));
    EXPECT_FALSE(more);
    EXPECT_EQ(page(7, 3), Offsets{});
    EXPECT_EQ(page(UINT64_MAX, 3, true), (Offsets{7, 6, 5}));
    EXPECT_TRUE(more);
    EXPECT_EQ(page(5, 3, true), (Offsets{4, 3}));
    EXPECT_FALSE(more);
    EXPECT_EQ(page(3, 3, true), Offsets{});
    EXPECT_FALSE(more);
    const auto found = hub->history("kept:a", 0, 1, 1, false);
    EXPECT_EQ(found->head.offset, 7u);
    EXPECT_EQ(found->first, 3u);
}

TEST_F(HistoryPageTest, EndWhereTheBytesEndButHaveOneMessage) {
    for (int count = 0; count < 5; ++count) publish("kept:a", std::string(100, 'x'));
    EXPECT_EQ(page(0, 10, false, 250), (Offsets{1, 2}));
    EXPECT_EQ(page(UINT64_MAX, 10, true, 250), (Offsets{5, 4}));
    EXPECT_TRUE(more);
    EXPECT_EQ(page(0, 10, false, 1), (Offsets{1}));
    EXPECT_EQ(page(UINT64_MAX, 10, true, 1), (Offsets{5}));
}

TEST_F(HistoryPageTest, AreEmptyForATopicThatKeepsNothingAndNoneForOneThatIsNotThere) {
    EXPECT_FALSE(hub->history("other", 0, 10, SIZE_MAX, false));
    publish("other");
    const auto found = hub->history("other", 0, 10, SIZE_MAX, true);
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->messages.empty());
    EXPECT_FALSE(found->more);
    EXPECT_EQ(found->head.offset, 1u);
}

}  // namespace
}  // namespace wse::hub
