// SPDX-License-Identifier: MIT
#include "hub/record.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <utility>

namespace wse::hub {
namespace {

constexpr uint64_t kSegment = 7;

Entry message(uint64_t offset, std::string_view topic = "topic") {
    return {.position = {3, offset},
            .head = offset,
            .sequence = 100 + offset,
            .head_sequence = 100 + offset,
            .wall_ms = 1234,
            .priority = proto::Priority::kHigh,
            .id_given = true,
            .topic = topic,
            .type = "type",
            .id = "id",
            .payload = "{\"a\":1}"};
}

class RecordTest : public testing::Test {
protected:
    // Where the record begins.
    size_t write(const Entry &entry, uint64_t segment = kSegment) {
        const size_t at = used;
        write_record(bytes + at, entry, segment);
        used += record_size(entry);
        return at;
    }
    std::vector<Finding> findings() {
        RecordScan scan(bytes, kSegment);
        std::vector<Finding> found;
        do {
            found.push_back(scan.next());
        } while (found.back() != Finding::kEnd);
        return found;
    }

    alignas(8) std::byte bytes[1024] = {};
    size_t used = 0;
};

TEST_F(RecordTest, IsReadAsItWasWritten) {
    write(message(5));
    RecordScan scan(bytes, kSegment);
    ASSERT_EQ(scan.next(), Finding::kEntry);
    const Entry &read = scan.entry();
    EXPECT_EQ(read.kind, EntryKind::kMessage);
    EXPECT_EQ(read.position, (proto::Position{3, 5}));
    EXPECT_EQ(read.head, 5U);
    EXPECT_EQ(read.sequence, 105U);
    EXPECT_EQ(read.head_sequence, 105U);
    EXPECT_EQ(read.wall_ms, 1234U);
    EXPECT_EQ(read.priority, proto::Priority::kHigh);
    EXPECT_TRUE(read.id_given);
    EXPECT_EQ(read.topic, "topic");
    EXPECT_EQ(read.type, "type");
    EXPECT_EQ(read.id, "id");
    EXPECT_EQ(read.payload, "{\"a\":1}");
    EXPECT_EQ(read.topic_hash, topic_hash("topic"));
    EXPECT_EQ(scan.next(), Finding::kEnd);
    EXPECT_EQ(scan.offset(), used);
}

TEST_F(RecordTest, KeepsWhatAModuleAdded) {
    for (const auto &[extra, time_ms] : {std::pair<std::string, uint64_t>{R"({"cid":"x"})", 0},
                                         {"", 77},
                                         {std::string(proto::kMaxExtraBytes, 'x'), UINT64_MAX}}) {
        Entry entry = message(5);
        entry.extra = extra;
        entry.time_ms = time_ms;
        alignas(8) std::byte segment[4096] = {};
        write_record(segment, entry, kSegment);
        RecordScan scan(segment, kSegment);
        ASSERT_EQ(scan.next(), Finding::kEntry);
        EXPECT_EQ(scan.entry().payload, "{\"a\":1}");
        EXPECT_EQ(scan.entry().extra, extra);
        EXPECT_EQ(scan.entry().time_ms, time_ms);
        EXPECT_TRUE(scan.entry().id_given);
        EXPECT_EQ(scan.offset(), record_size(entry));
    }
}

// As a server wrote it that knew neither.
TEST_F(RecordTest, OfAnOlderServerIsRead) {
    constexpr std::string_view kHex =
        "70000000f89ec72dfefff5fe60797e6e64ac34697d8b0c520500000000000000050000000000000069000000"
        "000000006900000000000000d204000000000000030000000108010005000000040000000200000007000000"
        "746f7069637479706569647b2261223a317d000000000000";
    for (size_t i = 0; i < kHex.size() / 2; ++i)
        bytes[i] =
            static_cast<std::byte>(std::stoi(std::string(kHex.substr(2 * i, 2)), nullptr, 16));
    RecordScan scan(bytes, kSegment);
    ASSERT_EQ(scan.next(), Finding::kEntry);
    EXPECT_EQ(scan.entry().position, (proto::Position{3, 5}));
    EXPECT_EQ(scan.entry().payload, "{\"a\":1}");
    EXPECT_TRUE(scan.entry().id_given);
    EXPECT_EQ(scan.entry().extra, "");
    EXPECT_EQ(scan.entry().time_ms, 0U);
}

TEST_F(RecordTest, WithoutItsFirstWordIsNotThere) {
    write(message(1));
    const size_t torn = write(message(2));
    std::memset(bytes + torn, 0, 8);
    EXPECT_EQ(findings(), (std::vector{Finding::kEntry, Finding::kEnd}));
}

TEST_F(RecordTest, OfAnotherSegmentIsDamage) {
    write(message(1), kSegment + 1);
    EXPECT_EQ(findings(), (std::vector{Finding::kBadRegion, Finding::kEnd}));
}

TEST_F(RecordTest, WithABadBodyStillTellsItsTopicsHashAndItsPlace) {
    write(message(1));
    bytes[used - 9] ^= std::byte{1};
    RecordScan scan(bytes, kSegment);
    ASSERT_EQ(scan.next(), Finding::kBadBody);
    EXPECT_EQ(scan.entry().topic_hash, topic_hash("topic"));
    EXPECT_EQ(scan.entry().position.offset, 1U);
    EXPECT_EQ(scan.entry().topic, "");
    EXPECT_EQ(scan.next(), Finding::kEnd);
}

TEST_F(RecordTest, IsFoundBehindABadHeader) {
    const size_t bad = write(message(1));
    write(message(2));
    bytes[bad + 20] ^= std::byte{1};
    EXPECT_EQ(findings(), (std::vector{Finding::kBadRegion, Finding::kEntry, Finding::kEnd}));
}

TEST_F(RecordTest, IsFoundBehindZerosThatWereRecords) {
    const size_t first = write(message(1));
    write(message(2));
    write(message(3));
    std::memset(bytes + first + 92, 0, used / 3);
    EXPECT_EQ(findings(), (std::vector{Finding::kBadBody, Finding::kBadRegion, Finding::kEntry,
                                       Finding::kEnd}));
}

TEST_F(RecordTest, ThatIsLongerThanWhatIsLeftIsDamage) {
    write(message(1));
    RecordScan scan(std::span<const std::byte>(bytes).first(used - 8), kSegment);
    EXPECT_EQ(scan.next(), Finding::kBadRegion);
    EXPECT_EQ(scan.next(), Finding::kEnd);
}

TEST_F(RecordTest, FillsItsBytesToTheLast) {
    write(message(1));
    RecordScan scan(std::span<const std::byte>(bytes).first(used), kSegment);
    EXPECT_EQ(scan.next(), Finding::kEntry);
    EXPECT_EQ(scan.next(), Finding::kEnd);
}

}  // namespace
}  // namespace wse::hub
