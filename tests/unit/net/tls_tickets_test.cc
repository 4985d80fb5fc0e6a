// SPDX-License-Identifier: MIT
#include "net/tls_tickets.h"

#include "support/fake_clock.h"

namespace wse::net {
namespace {

constexpr uint64_t kTwelveHoursMs = uint64_t{12} * 3600 * 1000;

TEST(TicketKeys, SealWithOneKeyForTwelveHours) {
    test::FakeClock clock;
    TicketKeys keys(clock);
    const auto first = keys.current();
    clock.advance(kTwelveHoursMs - 1);
    EXPECT_EQ(keys.current().name, first.name);
    clock.advance(1);
    const auto second = keys.current();
    EXPECT_NE(second.name, first.name);
    EXPECT_NE(second.cipher, first.cipher);
    EXPECT_NE(second.mac, first.mac);
}

TEST(TicketKeys, OpenWithTheOneBefore) {
    test::FakeClock clock;
    TicketKeys keys(clock);
    const auto first = keys.current();
    EXPECT_TRUE(keys.find(first.name)->seals);
    clock.advance(kTwelveHoursMs);
    const auto second = keys.current();
    clock.advance(kTwelveHoursMs - 1);
    ASSERT_TRUE(keys.find(first.name));
    EXPECT_FALSE(keys.find(first.name)->seals);
    EXPECT_EQ(keys.find(first.name)->key.cipher, first.cipher);
    clock.advance(1);
    keys.current();
    EXPECT_FALSE(keys.find(first.name));
    EXPECT_TRUE(keys.find(second.name));
}

TEST(TicketKeys, GrowTooOldAlsoWhenNobodyNeedsANewOne) {
    test::FakeClock clock;
    TicketKeys keys(clock);
    const auto first = keys.current();
    clock.advance(2 * kTwelveHoursMs - 1);
    EXPECT_TRUE(keys.find(first.name));
    clock.advance(1);
    EXPECT_FALSE(keys.find(first.name));
}

TEST(TicketKeys, DoNotOpenWhatIsNotTheirs) {
    test::FakeClock clock;
    TicketKeys keys(clock);
    auto name = keys.current().name;
    name[0] ^= 1;
    EXPECT_FALSE(keys.find(name));
}

}  // namespace
}  // namespace wse::net
