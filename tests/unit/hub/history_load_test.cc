// SPDX-License-Identifier: MIT
#include "hub/history_load.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "history_fixture.h"

namespace wse::hub {
namespace {

using test::content;
using test::find;

constexpr size_t kBytes = 2048;
constexpr uint32_t kLogEpoch = 77;

class HistoryLoadTest : public testing::Test {
protected:
    struct Written {
        std::string topic;
        proto::Position position;
    };

    void new_segment(uint32_t log_epoch = kLogEpoch) {
        const uint64_t end = segments.empty() ? 0 : segments.back().end();
        auto made =
            Segment::create(directory.path(), {++last_number, log_epoch, sequence, end}, kBytes);
        ASSERT_TRUE(made.ok());
        segments.push_back(std::move(*made));
    }
    void append(const std::string &topic, uint32_t epoch, uint64_t offset, uint64_t head = 0) {
        const std::string payload = content(topic, offset);
        ++sequence;
        segments.back().append({.position = {epoch, offset},
                                .head = std::max(offset, head),
                                .sequence = sequence,
                                .head_sequence = sequence,
                                .topic = topic,
                                .payload = payload});
        written.push_back({topic, {epoch, offset}});
    }
    void note(const std::string &topic, uint32_t epoch, uint64_t head) {
        segments.back().append(
            {.kind = EntryKind::kNote, .position = {epoch, head}, .head = head, .topic = topic});
    }
    // Behind which the next record begins, counted from the head of the file.
    size_t end_of(const Segment &segment) const { return segment.bytes() - segment.room(); }
    std::byte &byte_of(const Segment &segment, size_t at) {
        auto file = MappedFile::make(segment.path(), kBytes);
        held.push_back(std::move(*file));
        return held.back().data()[at];
    }
    StoredHistory load(Trust trust = {true, 0, 0}, const KeptOf &keeps = nullptr) {
        std::deque<Segment> opened;
        for (uint64_t number = 1; number <= last_number; ++number) {
            if (access(segment_path(directory.path(), number).c_str(), F_OK) == 0)
                opened.push_back(Segment::open(directory.path(), number));
        }
        return load_history(opened, trust, keeps);
    }

    test::Directory directory;
    std::deque<Segment> segments;
    std::vector<Written> written;
    std::vector<MappedFile> held;
    uint64_t last_number = 0;
    uint64_t sequence = 0;
};

std::vector<uint64_t> offsets(const StoredTopic &topic) {
    std::vector<uint64_t> found;
    for (const auto &message : topic.messages) found.push_back(message.position.offset);
    return found;
}

TEST_F(HistoryLoadTest, FindsNothingInNothing) {
    const StoredHistory stored = load();
    EXPECT_TRUE(stored.topics.empty());
    EXPECT_EQ(stored.log_epoch, 0U);
}

TEST_F(HistoryLoadTest, PutsMessagesInOrderEachOnce) {
    new_segment();
    append("a", 1, 1);
    append("a", 1, 2);
    new_segment();
    append("a", 1, 3);
    append("a", 1, 1, 3);  // a copy
    const StoredHistory stored = load();
    ASSERT_EQ(stored.topics.size(), 1U);
    EXPECT_EQ(offsets(stored.topics[0]), (std::vector<uint64_t>{1, 2, 3}));
    EXPECT_EQ(stored.topics[0].head, (proto::Position{1, 3}));
    EXPECT_EQ(stored.topics[0].mark, 2U);
    EXPECT_EQ(stored.log_epoch, kLogEpoch);
}

TEST_F(HistoryLoadTest, TakesUpNoMoreOfATopicThanIsKept) {
    new_segment();
    for (uint64_t offset = 1; offset <= 5; ++offset) append("a", 1, offset);
    append("b", 1, 1);
    append("a", 1, 3, 5);  // a copy
    const auto keeps = [](std::string_view topic) { return topic == "a" ? 2U : 0U; };
    const StoredHistory stored = load({true, 0, 0}, keeps);
    EXPECT_EQ(offsets(*find(stored.topics, "a")), (std::vector<uint64_t>{4, 5}));
    EXPECT_EQ(find(stored.topics, "a")->head.offset, 5U);
    EXPECT_TRUE(find(stored.topics, "b")->messages.empty());
}

TEST_F(HistoryLoadTest, KeepsOnlyTheLastIncarnation) {
    new_segment();
    append("a", 9, 1);
    append("a", 9, 2);
    append("a", 4, 1);
    const StoredHistory stored = load();
    ASSERT_EQ(stored.topics.size(), 1U);
    EXPECT_EQ(stored.topics[0].head, (proto::Position{4, 1}));
    EXPECT_EQ(offsets(stored.topics[0]), (std::vector<uint64_t>{1}));
    EXPECT_EQ(stored.sequence, 3U);
}

TEST_F(HistoryLoadTest, TakesTheHeadOfANote) {
    new_segment();
    append("a", 1, 1);
    note("a", 1, 8);
    note("b", 2, 0);
    const StoredHistory stored = load();
    EXPECT_EQ(find(stored.topics, "a")->head, (proto::Position{1, 8}));
    EXPECT_EQ(find(stored.topics, "b")->head, (proto::Position{2, 0}));
}

TEST_F(HistoryLoadTest, LosesTopicsWithoutARecordBehindABadRegion) {
    new_segment();
    append("before", 1, 1);
    append("both", 1, 1);
    const size_t bad = end_of(segments.back());
    append("damaged", 1, 1);
    append("both", 1, 2);
    byte_of(segments.back(), bad + 9) ^= std::byte{1};
    const StoredHistory stored = load();
    EXPECT_NE(find(stored.lost, "before"), nullptr);
    EXPECT_NE(find(stored.topics, "both"), nullptr);
    EXPECT_EQ(stored.lost.size() + stored.topics.size(), 2U);
    EXPECT_EQ(stored.log_epoch, 0U);
}

TEST_F(HistoryLoadTest, LosesATopicWhoseLastBodyIsBad) {
    new_segment();
    append("a", 1, 1);
    append("b", 1, 1);
    append("a", 1, 2);
    byte_of(segments.back(), end_of(segments.back()) - 5) ^= std::byte{1};
    const StoredHistory stored = load();
    EXPECT_NE(find(stored.lost, "a"), nullptr);
    EXPECT_NE(find(stored.topics, "b"), nullptr);
}

TEST_F(HistoryLoadTest, LeavesAHoleWhereABodyIsBadAndOthersFollow) {
    new_segment();
    append("a", 1, 1);
    append("a", 1, 2);
    byte_of(segments.back(), end_of(segments.back()) - 5) ^= std::byte{1};
    append("a", 1, 3);
    const StoredHistory stored = load();
    ASSERT_EQ(stored.topics.size(), 1U);
    EXPECT_EQ(offsets(stored.topics[0]), (std::vector<uint64_t>{1, 3}));
    EXPECT_EQ(stored.log_epoch, 0U);  // a sequence number is missing
}

TEST_F(HistoryLoadTest, IsNotConvincedByACopyWithAnOlderHead) {
    new_segment();
    append("a", 1, 4);
    append("a", 1, 5);
    byte_of(segments.back(), end_of(segments.back()) - 5) ^= std::byte{1};
    append("a", 1, 3, 4);
    EXPECT_NE(find(load().lost, "a"), nullptr);
    append("a", 1, 3, 5);
    EXPECT_NE(find(load().topics, "a"), nullptr);
}

TEST_F(HistoryLoadTest, IsConvincedByANewerIncarnation) {
    new_segment();
    append("a", 1, 5);
    byte_of(segments.back(), end_of(segments.back()) - 5) ^= std::byte{1};
    note("a", 2, 0);
    EXPECT_EQ(find(load().topics, "a")->head, (proto::Position{2, 0}));
}

TEST_F(HistoryLoadTest, KeepsTheLogEpochThatBeganAfterTheDamage) {
    new_segment();
    append("a", 1, 1);
    byte_of(segments.back(), 4) ^= std::byte{1};
    new_segment(kLogEpoch + 1);
    append("a", 1, 2);
    EXPECT_EQ(load().log_epoch, kLogEpoch + 1);
}

TEST_F(HistoryLoadTest, TakesAMissingOrEmptyOrShortSegmentForDamage) {
    for (int how = 0; how < 3; ++how) {
        const uint64_t damaged = last_number + 2;
        new_segment();
        append("before", 1, 1);
        new_segment();
        const size_t end = end_of(segments.back());
        const std::string path = segment_path(directory.path(), damaged);
        if (how == 0) unlink(path.c_str());
        if (how == 1) {
            ASSERT_EQ(truncate(path.c_str(), 0), 0);
        }
        if (how == 2) {
            ASSERT_EQ(truncate(path.c_str(), static_cast<off_t>(end)), 0);
        }
        new_segment();
        append("after", 1, 1);
        const StoredHistory stored = load();
        EXPECT_NE(find(stored.lost, "before"), nullptr) << how;
        EXPECT_NE(find(stored.topics, "after"), nullptr) << how;
    }
}

TEST_F(HistoryLoadTest, LosesEverythingWithoutTheNewestSegment) {
    new_segment();
    append("a", 1, 1);
    EXPECT_TRUE(load({true, 0, 1}).lost.empty());
    const StoredHistory stored = load({true, 0, 2});
    EXPECT_NE(find(stored.lost, "a"), nullptr);
    EXPECT_EQ(stored.log_epoch, 0U);
}

TEST_F(HistoryLoadTest, MissesRecordsThatWereZeroedAtTheEndOfASegment) {
    new_segment();
    append("a", 1, 1);
    const size_t from = end_of(segments.back());
    append("a", 1, 2);
    const size_t to = end_of(segments.back());
    new_segment();
    append("b", 1, 1);
    EXPECT_TRUE(load().lost.empty());
    std::memset(&byte_of(segments.front(), from), 0, to - from);
    EXPECT_NE(find(load().lost, "a"), nullptr);
}

TEST_F(HistoryLoadTest, LosesEverythingThatIsNotTrusted) {
    new_segment();
    append("a", 1, 1);
    new_segment();
    append("b", 1, 1);
    EXPECT_EQ(load({false, 0}).lost.size(), 2U);
    EXPECT_EQ(load({false, 0}).log_epoch, 0U);
    EXPECT_EQ(load({true, 3}).lost.size(), 2U);
    const StoredHistory stored = load({true, 2});
    EXPECT_NE(find(stored.lost, "a"), nullptr);
    EXPECT_NE(find(stored.topics, "b"), nullptr);
}

// The promise of the whole file: damage costs messages, and never says so falsely.
class DamageTest : public HistoryLoadTest {
protected:
    void SetUp() override {
        new_segment();
        for (uint64_t i = 1; i <= 3; ++i) {
            append("a", 1, i);
            append("b", 2, i);
        }
        append("idle", 3, 1);
        new_segment();
        append("a", 1, 4);
        append("b", 2, 2, 3);
        note("c", 4, 9);
        append("a", 1, 5);
        heads = {{"a", {1, 5}}, {"b", {2, 3}}, {"c", {4, 9}}, {"idle", {3, 1}}};
    }
    void check(const StoredHistory &stored) const {
        size_t messages = 0;
        for (const StoredTopic &topic : stored.topics) {
            const auto head = heads.find(topic.name);
            ASSERT_NE(head, heads.end()) << topic.name;
            EXPECT_EQ(topic.head, head->second) << topic.name;
            messages += topic.messages.size();
        }
        for (const auto *topics : {&stored.topics, &stored.lost}) {
            for (const StoredTopic &topic : *topics) check_content(topic);
        }
        if (stored.log_epoch == 0) return;
        EXPECT_EQ(stored.sequence, sequence);
        EXPECT_EQ(messages, 9U);
        EXPECT_EQ(stored.topics.size(), heads.size());
    }
    static void check_content(const StoredTopic &topic) {
        for (const auto &message : topic.messages) {
            EXPECT_EQ(message.publication.topic, topic.name);
            EXPECT_EQ(message.publication.payload, content(topic.name, message.position.offset));
        }
    }

    std::map<std::string, proto::Position> heads;
};

TEST_F(DamageTest, OfNoByteAtAllLosesNothing) {
    const StoredHistory stored = load();
    check(stored);
    EXPECT_EQ(stored.log_epoch, kLogEpoch);
}

TEST_F(DamageTest, OfAnyByteYieldsNoWrongMessageAndNoOlderHead) {
    for (const Segment &segment : segments) {
        std::byte *const bytes = &byte_of(segment, 0);
        for (size_t i = 0; i < kBytes && !HasFailure(); ++i) {
            for (const std::byte flip : {std::byte{0x01}, std::byte{0xff}}) {
                bytes[i] ^= flip;
                check(load());
                bytes[i] ^= flip;
            }
            EXPECT_FALSE(HasFailure()) << "byte " << i << " of " << segment.path();
        }
    }
}

TEST_F(DamageTest, OfManyBytesInTheMiddleYieldsNoWrongMessageAndNoOlderHead) {
    uint64_t state = 1;
    const auto random = [&state](size_t below) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        return static_cast<size_t>(state >> 33) % below;
    };
    // Not of the last segment: that its last record was there, nothing can tell.
    std::byte *const first = &byte_of(segments[0], 0);
    const std::vector<std::byte> good(first, first + kBytes);
    for (int round = 0; round < 1000 && !HasFailure(); ++round) {
        const size_t from = random(kBytes);
        const size_t count = random(std::min<size_t>(kBytes - from, 600) + 1);
        const int how = static_cast<int>(random(3));
        for (size_t i = from; i < from + count; ++i)
            first[i] = how == 0 ? std::byte{0} : static_cast<std::byte>(random(how == 1 ? 256 : 2));
        check(load());
        EXPECT_FALSE(HasFailure()) << "round " << round;
        std::copy(good.begin(), good.end(), first);
    }
}

}  // namespace
}  // namespace wse::hub
