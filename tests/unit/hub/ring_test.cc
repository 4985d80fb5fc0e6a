// SPDX-License-Identifier: MIT
#include "hub/ring.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <memory>
#include <string>

namespace wse::hub {
namespace {

constexpr uint32_t kEpoch = 0xabcd;
constexpr Ring::Limits kRoomy{.messages = 1000, .age_ms = 0, .bytes = 1'000'000};

// Its sequence is ten times its offset.
proto::MessageRef message(uint64_t offset, size_t bytes = 10, uint32_t epoch = kEpoch) {
    return make_ref<const proto::Message>(
        proto::Record{{"topic", "type", "id", std::string(bytes, 'x'), proto::Priority::kNormal},
                      {epoch, offset},
                      offset * 10,
                      0},
        proto::Handling{});
}

void fill(Ring &ring, uint64_t first, uint64_t last, uint64_t at_ms = 0) {
    for (uint64_t offset = first; offset <= last; ++offset) ring.push(message(offset), at_ms);
}

std::vector<uint64_t> offsets(const std::vector<proto::MessageRef> &messages) {
    std::vector<uint64_t> result;
    for (const auto &one : messages) result.push_back(one->position.offset);
    return result;
}

using Offsets = std::vector<uint64_t>;

TEST(Ring, KeepsTheLastMessages) {
    Ring ring({.messages = 3, .age_ms = 0, .bytes = 1'000'000});
    fill(ring, 1, 5);
    EXPECT_EQ(ring.size(), 3U);
    EXPECT_EQ(ring.first_offset(), 3U);
    EXPECT_EQ(ring.last_offset(), 5U);
    EXPECT_EQ(offsets(ring.after(0, 10, 1000)), (Offsets{3, 4, 5}));
}

TEST(Ring, NeedsNoLargerBufferAtItsLimit) {
    Ring ring({.messages = 4, .age_ms = 0, .bytes = 1'000'000});
    fill(ring, 1, 4);
    const size_t full = ring.memory_bytes();
    fill(ring, 5, 100);
    EXPECT_EQ(ring.memory_bytes(), full);
}

TEST(Ring, HoldsNothingWithALimitOfZero) {
    Ring ring({.messages = 0, .age_ms = 0, .bytes = 1'000'000});
    fill(ring, 1, 5);
    EXPECT_TRUE(ring.empty());
    EXPECT_EQ(ring.last_offset(), 5U);
}

TEST(Ring, CoversAPositionWhenEverythingAfterItIsHere) {
    Ring ring({.messages = 3, .age_ms = 0, .bytes = 1'000'000});
    fill(ring, 1, 5);
    EXPECT_FALSE(ring.covers({kEpoch, 1}));
    EXPECT_TRUE(ring.covers({kEpoch, 2}));
    EXPECT_TRUE(ring.covers({kEpoch, 5}));
    EXPECT_FALSE(ring.covers({kEpoch, 6}));
    EXPECT_FALSE(ring.covers({kEpoch, UINT64_MAX}));
    EXPECT_FALSE(ring.covers({kEpoch + 1, 4}));
}

TEST(Ring, KnowsItsHeadWhenAllMessagesAreGone) {
    Ring ring(kRoomy);
    fill(ring, 1, 5);
    ring.clear();
    EXPECT_EQ(ring.head(), (proto::Position{kEpoch, 5}));
    EXPECT_TRUE(ring.covers({kEpoch, 5}));
    EXPECT_FALSE(ring.covers({kEpoch, 4}));
    ring.push(message(6), 0);
    EXPECT_TRUE(ring.covers({kEpoch, 5}));
}

TEST(Ring, NeverHasAHole) {
    Ring ring(kRoomy);
    fill(ring, 1, 3);
    ring.push(message(5), 0);
    EXPECT_EQ(offsets(ring.after(0, 10, 1000)), (Offsets{5}));
    EXPECT_FALSE(ring.covers({kEpoch, 3}));
    EXPECT_TRUE(ring.covers({kEpoch, 4}));
}

TEST(Ring, StartsAgainWithANewEpoch) {
    Ring ring(kRoomy);
    fill(ring, 1, 3);
    ring.push(message(4, 10, kEpoch + 1), 0);
    EXPECT_EQ(ring.size(), 1U);
    EXPECT_FALSE(ring.covers({kEpoch, 3}));
    EXPECT_TRUE(ring.covers({kEpoch + 1, 3}));
}

TEST(Ring, GoesOnAfterThePositionItIsRestartedAt) {
    Ring ring(kRoomy);
    ring.restart({kEpoch, 7}, 65);
    EXPECT_TRUE(ring.covers({kEpoch, 7}));
    ring.push(message(8), 0);
    EXPECT_EQ(ring.first_offset(), 8U);
    EXPECT_EQ(ring.evicted_sequence(), 65U);
}

TEST(Ring, FindsAMessageByItsPosition) {
    Ring ring({.messages = 3, .age_ms = 0, .bytes = 1'000'000});
    EXPECT_EQ(ring.find({0, 0}), nullptr);
    fill(ring, 1, 5);
    ASSERT_NE(ring.find({kEpoch, 4}), nullptr);
    EXPECT_EQ(ring.find({kEpoch, 4})->position.offset, 4U);
    for (const uint64_t offset : {0, 2, 6}) EXPECT_EQ(ring.find({kEpoch, offset}), nullptr);
    EXPECT_EQ(ring.find({kEpoch + 1, 4}), nullptr);
}

TEST(Ring, GivesWhatComesAfterAnOffsetWithinTheLimits) {
    Ring ring(kRoomy);
    fill(ring, 1, 6);
    EXPECT_EQ(offsets(ring.after(2, 2, 1000)), (Offsets{3, 4}));
    EXPECT_EQ(offsets(ring.after(2, 10, 30)), (Offsets{3, 4, 5}));
    EXPECT_EQ(offsets(ring.after(2, 0, 0)), (Offsets{3}));
    EXPECT_EQ(offsets(ring.after(6, 10, 1000)), (Offsets{}));
    EXPECT_EQ(offsets(ring.after(UINT64_MAX, 10, 1000)), (Offsets{}));
}

TEST(Ring, DropsMessagesOfTheAgeLimit) {
    Ring ring({.messages = 10, .age_ms = 100, .bytes = 1'000'000});
    EXPECT_EQ(ring.next_expiry(), Ring::kNever);
    fill(ring, 1, 2, 1000);
    fill(ring, 3, 3, 1050);
    EXPECT_EQ(ring.next_expiry(), 1100U);
    ring.expire(1099);
    EXPECT_EQ(ring.size(), 3U);
    ring.expire(1100);
    EXPECT_EQ(offsets(ring.after(0, 10, 1000)), (Offsets{3}));
    EXPECT_EQ(ring.next_expiry(), 1150U);
}

TEST(Ring, KeepsMessagesForeverWithoutAnAgeLimit) {
    Ring ring(kRoomy);
    fill(ring, 1, 2);
    EXPECT_EQ(ring.next_expiry(), Ring::kNever);
    ring.expire(UINT64_MAX - 1);
    EXPECT_EQ(ring.size(), 2U);
}

TEST(Ring, StaysWithinItsBytes) {
    Ring ring({.messages = 1000, .age_ms = 0, .bytes = 20'000});
    for (uint64_t offset = 1; offset <= 100; ++offset) {
        ring.push(message(offset, 1000), 0);
        ASSERT_LE(ring.memory_bytes(), 20'000U);
    }
    EXPECT_GE(ring.size(), 14U);
    EXPECT_LT(ring.size(), 20U);
}

TEST(Ring, LetsAMessageOverTheLimitPassWithItsPosition) {
    Ring ring({.messages = 10, .age_ms = 0, .bytes = 2000});
    fill(ring, 1, 2);
    ring.push(message(3, 5000), 0);
    EXPECT_TRUE(ring.empty());
    EXPECT_EQ(ring.last_offset(), 3U);
    EXPECT_EQ(ring.evicted_sequence(), 30U);
}

TEST(Ring, TellsTheHighestSequenceThatHasLeft) {
    Ring ring({.messages = 2, .age_ms = 0, .bytes = 1'000'000});
    fill(ring, 1, 2);
    EXPECT_EQ(ring.evicted_sequence(), 0U);
    fill(ring, 3, 3);
    EXPECT_EQ(ring.evicted_sequence(), 10U);
    ring.pop_front();
    EXPECT_EQ(ring.evicted_sequence(), 20U);
    ring.clear();
    EXPECT_EQ(ring.evicted_sequence(), 30U);
}

TEST(Ring, CountsWhatAHoleMayHaveHeldAsGone) {
    Ring ring(kRoomy);
    fill(ring, 1, 3);
    ring.push(message(6), 0);
    EXPECT_EQ(ring.evicted_sequence(), 59U);
}

TEST(Ring, HoldsNoMemoryWhileItIsEmpty) {
    Ring ring(kRoomy);
    EXPECT_EQ(ring.memory_bytes(), 0U);
    fill(ring, 1, 1);
    EXPECT_GT(ring.memory_bytes(), footprint(*message(1)));
    ring.pop_front();
    EXPECT_EQ(ring.memory_bytes(), 0U);
}

TEST(Ring, GivesTheMemoryOfALongHistoryBack) {
    Ring ring(kRoomy);
    fill(ring, 1, 1);
    const size_t few = ring.memory_bytes();
    fill(ring, 2, 1000);
    while (ring.size() > 1) ring.pop_front();
    EXPECT_EQ(ring.memory_bytes(), few);
    EXPECT_EQ(offsets(ring.after(0, 10, 1000)), (Offsets{1000}));
}

TEST(Ring, KeepsTheOrderWhileItWrapsGrowsAndShrinks) {
    Ring ring({.messages = 100, .age_ms = 0, .bytes = 1'000'000});
    uint64_t next = 1;
    for (int round = 0; round < 50; ++round) {
        fill(ring, next, next + 36);
        next += 37;
        for (int i = 0; i < 29 && !ring.empty(); ++i) ring.pop_front();
        const auto kept = ring.after(0, 1000, 1'000'000);
        ASSERT_EQ(kept.size(), ring.size());
        for (size_t i = 0; i < kept.size(); ++i)
            ASSERT_EQ(kept[i]->position.offset, ring.first_offset() + i);
        ASSERT_EQ(ring.last_offset(), next - 1);
    }
}

TEST(Ring, LetsGoOfTheMessagesThatLeave) {
    // The sanitizers see a message that is kept or freed twice.
    const auto kept = message(1);
    Ring ring({.messages = 1, .age_ms = 0, .bytes = 1'000'000});
    ring.push(kept, 0);
    fill(ring, 2, 2);
    EXPECT_EQ(kept->publication.payload, "xxxxxxxxxx");
}

TEST(Footprint, CountsWhatAModuleAdded) {
    const proto::MessageRef plain = message(1, 10);
    proto::Record record{plain->publication, plain->position, plain->sequence, plain->wall_ms};
    record.publication.extra.assign(1000, 'x');
    const proto::MessageRef shaped(new proto::Message(std::move(record), plain->handling));
    EXPECT_GE(footprint(*shaped), footprint(*plain) + 1000);
}

TEST(Footprint, CountsOnlyTextsThatAreNotInPlace) {
    const size_t in_place = footprint(*message(1, 15));
    EXPECT_EQ(footprint(*message(1, 1)), in_place);
    EXPECT_EQ(footprint(*message(1, 16)), in_place + 32);
    EXPECT_EQ(footprint(*message(1, 23)), in_place + 32);
    EXPECT_EQ(footprint(*message(1, 24)), in_place + 48);
    EXPECT_EQ(footprint(*message(1, 1000)), in_place + 1024);
}

// What malloc has given out, in its heap and in mappings of their own.
size_t malloc_bytes() {
    const auto state = mallinfo2();
    return state.uordblks + state.hblkhd;
}

proto::MessageRef mixed_message(uint64_t offset) {
    const size_t payload = offset * 7919 % 3000 + (offset % 500 == 0 ? 50'000 : 2);
    return make_ref<const proto::Message>(
        proto::Record{{"orders:" + std::to_string(offset % 20), std::string(offset % 40, 't'),
                       std::string(36, 'i'), std::string(payload, 'x'), proto::Priority::kNormal},
                      {kEpoch, offset},
                      offset,
                      0},
        proto::Handling{.key = std::string(offset % 30, 'k')});
}

TEST(Ring, AccountsForWhatMallocReallyUses) {
    const size_t before = malloc_bytes();
    size_t accounted = 0;
    std::vector<std::unique_ptr<Ring>> rings;
    for (size_t i = 0; i < 100; ++i) {
        rings.push_back(std::make_unique<Ring>(Ring::Limits{1000, 0, 100'000'000}));
        for (uint64_t offset = 1; offset <= 200; ++offset) {
            const size_t earlier = rings[i]->memory_bytes();
            rings[i]->push(mixed_message(i * 200 + offset), 0);
            accounted += rings[i]->memory_bytes() - earlier;
        }
    }
    size_t total = 0;
    for (const auto &ring : rings) total += ring->memory_bytes();
    EXPECT_EQ(total, accounted);
// The allocator of a sanitizer does not tell mallinfo2 anything.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    const auto used = static_cast<double>(malloc_bytes() - before);
    EXPECT_NEAR(static_cast<double>(total) / used, 1.0, 0.05);
#else
    EXPECT_GE(malloc_bytes(), before);
#endif
}

}  // namespace
}  // namespace wse::hub
