// SPDX-License-Identifier: MIT
#include "encrypt_aesgcm/nonce_window.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <set>

namespace wse::encrypt_aesgcm {
namespace {

Nonce nonce_of(uint32_t number) {
    Nonce nonce{};
    for (size_t i = 0; i < sizeof number; ++i) nonce[i] = static_cast<uint8_t>(number >> 8 * i);
    return nonce;
}

void add(NonceWindow &window, const Nonce &nonce) {
    window.reserve();
    window.add(nonce);
}

TEST(NonceWindow, KnowsTheLastOnesAndNoOthers) {
    NonceWindow window;
    std::deque<Nonce> order;
    std::set<Nonce> known;
    std::mt19937 random(1);
    for (int i = 0; i < 50'000; ++i) {
        // Few enough that many come again, some after they were given up.
        const Nonce nonce = nonce_of(random() % 4096);
        ASSERT_EQ(window.has(nonce), known.count(nonce) == 1) << i;
        if (known.count(nonce) == 1) continue;
        add(window, nonce);
        known.insert(nonce);
        order.push_back(nonce);
        if (order.size() > NonceWindow::kLimit) {
            known.erase(order.front());
            order.pop_front();
        }
        ASSERT_EQ(window.size(), order.size());
        ASSERT_EQ(window.at(0), order.front());
        ASSERT_EQ(window.at(window.size() - 1), order.back());
    }
    EXPECT_EQ(window.size(), NonceWindow::kLimit);
}

TEST(NonceWindow, IsEmptyAtFirst) {
    const NonceWindow window;
    EXPECT_EQ(window.size(), 0U);
    EXPECT_FALSE(window.has(nonce_of(0)));
}

TEST(NonceWindow, LooksAtAllTwelveOctets) {
    NonceWindow window;
    add(window, Nonce{});
    for (size_t i = 0; i < kNonceBytes; ++i) {
        Nonce other{};
        other[i] = 1;
        EXPECT_FALSE(window.has(other)) << i;
    }
    EXPECT_TRUE(window.has(Nonce{}));
}

}  // namespace
}  // namespace wse::encrypt_aesgcm
