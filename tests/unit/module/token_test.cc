// SPDX-License-Identifier: MIT
#include "module/token.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

namespace wse::module {
namespace {

struct StillAsker final : Asker {
    void answered(Result<Answer>) override {}
    void withdrawn() override {
        ++withdrawals;
        table->abandon(token);
    }
    TokenTable *table = nullptr;
    TokenId token;
    int withdrawals = 0;
};

TEST(Token, CarriesLoopSlotAndSerial) {
    const TokenId token = TokenId::make(4095, 65535, 0xffffffff);
    EXPECT_EQ(token.loop(), 4095u);
    EXPECT_EQ(token.slot(), 65535u);
    EXPECT_EQ(token.serial(), 0xffffffffu);
}

TEST(Token, IsAnsweredOnceAndLeadsToItsAsker) {
    TokenTable table(3);
    StillAsker asker;
    const TokenId token = table.issue(asker, 1);
    EXPECT_EQ(token.loop(), 3u);
    EXPECT_EQ(table.claim(token), Claim::kFirst);
    EXPECT_EQ(table.claim(token), Claim::kDoubled);
    EXPECT_EQ(table.redeem(token), &asker);
    EXPECT_EQ(table.claim(token), Claim::kDoubled);
}

TEST(Token, OfAnEarlierQuestionDoesNotReachTheNextOneInItsSlot) {
    TokenTable table(0);
    StillAsker first, second;
    const TokenId old = table.issue(first, 1);
    table.claim(old);
    table.redeem(old);
    const TokenId next = table.issue(second, 1);
    ASSERT_EQ(next.slot(), old.slot());
    EXPECT_EQ(table.claim(old), Claim::kDoubled);
    EXPECT_EQ(table.claim(next), Claim::kFirst);
    EXPECT_EQ(table.redeem(next), &second);
}

TEST(Token, AnsweredAfterItsAskerLeftIsLateOnce) {
    TokenTable table(0);
    StillAsker asker;
    const TokenId token = table.issue(asker, 1);
    EXPECT_TRUE(table.abandon(token));
    EXPECT_EQ(table.claim(token), Claim::kLate);
    EXPECT_EQ(table.claim(token), Claim::kDoubled);
    EXPECT_EQ(table.redeem(token), nullptr);
}

TEST(Token, WhoseAskerLeavesWhileTheAnswerIsOnItsWayLeadsNowhere) {
    TokenTable table(0);
    StillAsker asker;
    const TokenId token = table.issue(asker, 1);
    ASSERT_EQ(table.claim(token), Claim::kFirst);
    EXPECT_FALSE(table.abandon(token));
    EXPECT_EQ(table.redeem(token), nullptr);
}

TEST(Token, ThatWasRevokedIsVoidEvenIfAnsweredBefore) {
    TokenTable table(0);
    StillAsker asker;
    const TokenId unanswered = table.issue(asker, 1);
    table.revoke(unanswered);
    EXPECT_EQ(table.claim(unanswered), Claim::kDoubled);
    const TokenId answered = table.issue(asker, 1);
    ASSERT_EQ(table.claim(answered), Claim::kFirst);
    table.revoke(answered);
    EXPECT_EQ(table.redeem(answered), nullptr);
    EXPECT_EQ(table.outstanding(), 0u);
}

TEST(Token, MadeUpByAModuleIsRefused) {
    TokenTable table(0);
    StillAsker asker;
    table.issue(asker, 1);
    EXPECT_EQ(table.claim(TokenId::make(0, 70000, 1)), Claim::kDoubled);
    EXPECT_EQ(table.claim(TokenId::make(0, 999, 1)), Claim::kDoubled);
    EXPECT_EQ(table.claim(TokenId::make(0, 1, 0)), Claim::kDoubled);
}

TEST(Token, TableHasALimitAndSaysHowManyAreOutAndSinceWhen) {
    TokenTable table(0);
    StillAsker asker;
    const TokenId oldest = table.issue(asker, 7);
    std::set<uint64_t> all{oldest.value};
    while (const TokenId token = table.issue(asker, 9)) all.insert(token.value);
    EXPECT_EQ(all.size(), TokenTable::kLimit);
    EXPECT_EQ(table.outstanding(), TokenTable::kLimit);
    EXPECT_EQ(table.oldest_ms(), 7u);
    table.claim(oldest);
    EXPECT_EQ(table.oldest_ms(), 9u);
    table.redeem(oldest);
    EXPECT_TRUE(table.issue(asker, 10));
}

TEST(Token, AbandonedAndNeverAnsweredStaysOutstanding) {
    TokenTable table(0);
    StillAsker asker;
    table.abandon(table.issue(asker, 5));
    EXPECT_EQ(table.outstanding(), 1u);
    EXPECT_EQ(table.oldest_ms(), 5u);
}

TEST(Token, WithdrawalReachesEverybodyWhoWaits) {
    TokenTable table(0);
    StillAsker waiting, gone;
    waiting.table = &table;
    waiting.token = table.issue(waiting, 1);
    table.abandon(table.issue(gone, 1));
    table.withdraw_all();
    table.withdraw_all();
    EXPECT_EQ(waiting.withdrawals, 1);
    EXPECT_EQ(gone.withdrawals, 0);
}

// Two threads answer each token while its loop abandons it: one answer counts, one is doubled.
TEST(Token, AnsweredFromManyThreadsIsClaimedOnce) {
    constexpr int kTokens = 2000;
    TokenTable table(0);
    StillAsker asker;
    std::vector<TokenId> tokens;
    for (int i = 0; i < kTokens; ++i) tokens.push_back(table.issue(asker, 1));
    std::atomic<int> taken{0}, doubled{0};
    const auto answer = [&] {
        for (const TokenId token : tokens)
            ++(table.claim(token) == Claim::kDoubled ? doubled : taken);
    };
    std::thread one(answer), two(answer);
    for (const TokenId token : tokens) table.abandon(token);
    one.join();
    two.join();
    EXPECT_EQ(taken, kTokens);
    EXPECT_EQ(doubled, kTokens);
    EXPECT_EQ(table.outstanding(), 0u);
}

}  // namespace
}  // namespace wse::module
