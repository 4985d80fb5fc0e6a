// SPDX-License-Identifier: MIT
#include "server/api_key_ring.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "support/fake_clock.h"

namespace wse::server {
namespace {

class ApiKeyRingTest : public testing::Test {
protected:
    ApiKeyRingTest() {
        // Of this process: another test may run at the same time.
        settings.key_file = testing::TempDir() + "api-key-ring-" + std::to_string(getpid());
    }
    ~ApiKeyRingTest() override { std::filesystem::remove(settings.key_file); }

    void write(const std::string &text) { std::ofstream(settings.key_file) << text; }

    config::Http settings;
    test::FakeClock clock;
    const admin::NewApiKey one = *admin::new_api_key("one");
    const admin::NewApiKey two = *admin::new_api_key("two");
};

TEST_F(ApiKeyRingTest, ReadsTheFileAgainAllOrNothing) {
    write(one.line);
    ApiKeyRing ring(settings, clock);
    ASSERT_TRUE(ring.reload());
    EXPECT_EQ(ring.find(one.key), "one");
    EXPECT_FALSE(ring.find(two.key));
    write(two.line + "\nbroken");
    EXPECT_FALSE(ring.reload());
    EXPECT_EQ(ring.find(one.key), "one");
    write(two.line);
    EXPECT_EQ(*ring.reload(), 1u);
    EXPECT_FALSE(ring.find(one.key));
    EXPECT_EQ(ring.find(two.key), "two");
}

TEST_F(ApiKeyRingTest, LimitsEachKeyAndForgetsNoneOfItsUseOnReload) {
    settings.rate_capacity = 3;
    settings.rate_refill = 1;
    write(one.line + '\n' + two.line);
    ApiKeyRing ring(settings, clock);
    ASSERT_TRUE(ring.reload());
    EXPECT_TRUE(ring.take("one", 2));
    EXPECT_FALSE(ring.take("one", 2));
    EXPECT_TRUE(ring.take("two", 3));
    ASSERT_TRUE(ring.reload());
    EXPECT_FALSE(ring.take("two", 1));
    clock.advance(1000);
    EXPECT_TRUE(ring.take("two", 1));
    EXPECT_FALSE(ring.take("none", 1));
    const auto rows = ring.rows();
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0].name, "one");
    EXPECT_EQ(rows[0].requests, 4u);
    EXPECT_EQ(rows[0].limited, 2u);
}

TEST_F(ApiKeyRingTest, HasNoLimitUnlessThereIsOne) {
    write(one.line);
    ApiKeyRing ring(settings, clock);
    ASSERT_TRUE(ring.reload());
    EXPECT_TRUE(ring.take("one", 1'000'000));
}

}  // namespace
}  // namespace wse::server
