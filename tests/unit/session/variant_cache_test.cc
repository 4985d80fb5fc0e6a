// SPDX-License-Identifier: MIT
#include "session/variant_cache.h"

#include <gtest/gtest.h>

#include <string>

namespace wse::session {
namespace {

net::FrameRef frame(size_t bytes) {
    return net::Frame::text(std::string(bytes, 'x'));
}

TEST(VariantCache, FindsWhatWasMadeOfAFrameInOneForm) {
    VariantCache cache;
    const auto from = frame(10), made = frame(5);
    EXPECT_FALSE(cache.find(from, 1));
    cache.keep(from, 1, made);
    EXPECT_EQ(cache.find(from, 1).get(), made.get());
    EXPECT_FALSE(cache.find(from, 2));
    EXPECT_FALSE(cache.find(frame(10), 1));
}

TEST(VariantCache, KeepsTheFramesOfAReplayInTwoForms) {
    VariantCache cache;
    std::vector<net::FrameRef> frames;
    for (int i = 0; i < 200; ++i) {
        frames.push_back(frame(100));
        cache.keep(frames.back(), 1, frame(1));
        cache.keep(frames.back(), 2, frame(2));
    }
    size_t found = 0;
    for (const auto &one : frames) {
        for (const uint64_t variant : {1U, 2U}) found += cache.find(one, variant) ? 1 : 0;
    }
    EXPECT_GE(found, 390U) << "sets overflow, but seldom";
}

TEST(VariantCache, IsBoundedByBytes) {
    VariantCache cache(10'000);
    std::vector<net::FrameRef> frames;
    for (int i = 0; i < 100; ++i) {
        frames.push_back(frame(1000));
        cache.keep(frames.back(), 1, frame(500));
        EXPECT_LE(cache.bytes(), 10'000U);
    }
    const auto large = frame(20'000);
    cache.keep(large, 1, frame(1));
    EXPECT_FALSE(cache.find(large, 1));
    EXPECT_LE(cache.bytes(), 10'000U);
}

TEST(VariantCache, RemembersThatAFrameStaysAsItIs) {
    VariantCache cache;
    const auto from = frame(10);
    cache.keep(from, 7, from);
    EXPECT_EQ(cache.find(from, 7).get(), from.get());
}

}  // namespace
}  // namespace wse::session
