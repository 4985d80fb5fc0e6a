// SPDX-License-Identifier: MIT
#include "net/outbox.h"

#include <array>
#include <string>

namespace wse::net {
namespace {

FrameRef frame(std::string wire) {
    return make_ref<const Frame>(std::move(wire));
}

std::string next_bytes(const Outbox &outbox) {
    std::array<iovec, 4> pieces{};
    std::string bytes;
    const size_t filled = outbox.gather(pieces);
    for (size_t i = 0; i < filled; ++i) {
        bytes.append(static_cast<const char *>(pieces[i].iov_base), pieces[i].iov_len);
    }
    return bytes;
}

TEST(Outbox, GathersFramesInOrder) {
    Outbox outbox;
    outbox.push(frame("abc"));
    outbox.push(frame("de"));
    EXPECT_EQ(next_bytes(outbox), "abcde");
    EXPECT_EQ(outbox.bytes(), 5U);
}

TEST(Outbox, ContinuesInsideAFrame) {
    Outbox outbox;
    outbox.push(frame("abc"));
    outbox.push(frame("def"));
    outbox.consume(4);
    EXPECT_EQ(next_bytes(outbox), "ef");
    outbox.push(frame("g"));
    EXPECT_EQ(next_bytes(outbox), "efg");
}

TEST(Outbox, FillsNoMoreThanItIsGiven) {
    Outbox outbox;
    for (const char c : {'a', 'b', 'c', 'd', 'e'}) outbox.push(frame(std::string(1, c)));
    EXPECT_EQ(next_bytes(outbox), "abcd");
}

TEST(Outbox, LetsGoOfFramesThatAreOut) {
    Outbox outbox;
    const FrameRef kept = frame("abc");
    outbox.push(kept);
    outbox.consume(3);
    EXPECT_TRUE(outbox.empty());
    EXPECT_EQ(next_bytes(outbox), "");
}

TEST(Outbox, SurvivesManyFramesAndPartialWrites) {
    Outbox outbox;
    std::string expected;
    std::string seen;
    for (int i = 0; i < 1000; ++i) {
        const std::string wire = std::to_string(i) + ",";
        expected += wire;
        outbox.push(frame(wire));
        const std::string bytes = next_bytes(outbox).substr(0, 3);
        seen += bytes;
        outbox.consume(bytes.size());
    }
    while (!outbox.empty()) {
        const std::string bytes = next_bytes(outbox);
        seen += bytes;
        outbox.consume(bytes.size());
    }
    EXPECT_EQ(seen, expected);
}

}  // namespace
}  // namespace wse::net
