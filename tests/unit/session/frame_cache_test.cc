// SPDX-License-Identifier: MIT
#include "session/frame_cache.h"

#include <gtest/gtest.h>

#include <string>

#include "net/frame.h"
#include "proto/server_messages.h"

namespace wse::session {
namespace {

proto::MessageRef message(uint64_t offset, const std::string &payload) {
    return proto::MessageRef(new proto::Message(
        {{"room:7", "news", "id", payload}, {1, offset}, offset, 1'767'323'045'678},
        {.stamped = true}));
}

TEST(FrameCache, EncodesAMessageOnceForAllWhoMissedIt) {
    FrameCache cache;
    const auto missed = message(1, R"({"n":1})");
    const auto frame = cache.frame_of(missed);
    EXPECT_EQ(frame->wire(), net::Frame::text(proto::event(*missed))->wire());
    EXPECT_EQ(cache.frame_of(missed).get(), frame.get());
}

TEST(FrameCache, NeverTakesOneMessageForAnother) {
    FrameCache cache;
    // Another topic may have the same offset, and by chance the same epoch.
    const auto one = message(1, R"({"n":1})");
    const auto other = message(1, R"({"n":2})");
    cache.frame_of(one);
    EXPECT_EQ(cache.frame_of(other)->wire(), net::Frame::text(proto::event(*other))->wire());
    EXPECT_EQ(cache.frame_of(one)->wire(), net::Frame::text(proto::event(*one))->wire());
}

TEST(FrameCache, KeepsTheMessagesOfAWholeReplayApart) {
    FrameCache cache;
    std::vector<proto::MessageRef> replay;
    std::vector<net::FrameRef> frames;
    for (uint64_t i = 1; i <= 1000; ++i) {
        replay.push_back(message(i, "{}"));
        frames.push_back(cache.frame_of(replay.back()));
    }
    for (size_t i = 0; i < replay.size(); ++i)
        EXPECT_EQ(cache.frame_of(replay[i]).get(), frames[i].get()) << "message " << i + 1;
}

TEST(FrameCache, StaysWithinItsLimit) {
    constexpr size_t kLimit = 10'000;
    FrameCache cache(kLimit);
    net::FrameRef frame;
    for (uint64_t i = 1; i <= 100; ++i) {
        frame = cache.frame_of(message(i, R"({"text":")" + std::string(500, 'x') + R"("})"));
        EXPECT_LE(cache.bytes(), kLimit);
    }
    EXPECT_GT(cache.bytes(), frame->wire().size());
}

TEST(FrameCache, DoesNotKeepWhatIsLargerThanItsLimit) {
    FrameCache cache(1000);
    const auto large = message(1, R"({"text":")" + std::string(5000, 'x') + R"("})");
    EXPECT_EQ(cache.frame_of(large)->wire(), net::Frame::text(proto::event(*large))->wire());
    EXPECT_EQ(cache.bytes(), 0U);
}

// The account would drift otherwise, until nothing is kept any more.
TEST(FrameCache, CountsWhatGoesFromAPlaceThatIsTakenAnew) {
    FrameCache cache;
    cache.frame_of(message(1, R"({"n":1})"));
    const size_t one = cache.bytes();
    for (int i = 2; i < 9; ++i) cache.frame_of(message(1, R"({"n":)" + std::to_string(i) + "}"));
    EXPECT_EQ(cache.bytes(), one);
}

}  // namespace
}  // namespace wse::session
