// SPDX-License-Identifier: MIT
#include "loop/mailbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

namespace wse {
namespace {

// A uv loop that a test turns by hand.
class MailboxTest : public testing::Test {
protected:
    MailboxTest() { EXPECT_EQ(uv_loop_init(&loop_), 0); }
    ~MailboxTest() override {
        uv_run(&loop_, UV_RUN_DEFAULT);
        EXPECT_EQ(uv_loop_close(&loop_), 0);
    }
    void turn() { uv_run(&loop_, UV_RUN_NOWAIT); }

    uv_loop_t loop_{};
};

TEST_F(MailboxTest, HandsOverEverythingInOrderInOneGo) {
    std::vector<std::vector<int>> batches;
    Mailbox<int> mailbox(&loop_, [&](std::vector<int> &items) { batches.push_back(items); });
    for (int i = 1; i <= 3; ++i) mailbox.post(i);
    turn();
    EXPECT_THAT(batches, testing::ElementsAre(testing::ElementsAre(1, 2, 3)));
    turn();
    EXPECT_EQ(batches.size(), 1U);
}

TEST_F(MailboxTest, BringsWhatTheDrainPostsInTheNextBatch) {
    std::vector<int> seen;
    Mailbox<int> *self = nullptr;
    Mailbox<int> mailbox(&loop_, [&](std::vector<int> &items) {
        for (const int item : items) {
            seen.push_back(item);
            if (item < 3) self->post(item + 1);
        }
    });
    self = &mailbox;
    mailbox.post(1);
    turn();
    EXPECT_THAT(seen, testing::ElementsAre(1));
    for (int i = 0; i < 5; ++i) turn();
    EXPECT_THAT(seen, testing::ElementsAre(1, 2, 3));
}

TEST_F(MailboxTest, CarriesThingsThatOnlyMove) {
    int sum = 0;
    Mailbox<std::unique_ptr<int>> mailbox(&loop_, [&](std::vector<std::unique_ptr<int>> &items) {
        for (const auto &item : items) sum += *item;
    });
    mailbox.post(std::make_unique<int>(1));
    mailbox.post(std::make_unique<int>(20));
    turn();
    EXPECT_EQ(sum, 21);
}

TEST_F(MailboxTest, GivesBackTheMemoryOfABurst) {
    std::vector<size_t> capacities;
    Mailbox<int> mailbox(&loop_,
                         [&](std::vector<int> &items) { capacities.push_back(items.capacity()); });
    for (int i = 0; i < 100'000; ++i) mailbox.post(i);
    turn();
    // The mailbox works with two vectors in turn.
    for (int i = 0; i < 4; ++i) {
        mailbox.post(1);
        turn();
    }
    ASSERT_EQ(capacities.size(), 5U);
    EXPECT_GE(capacities[0], 100'000U);
    EXPECT_LE(capacities[3], 10'000U);
    EXPECT_LE(capacities[4], 10'000U);
}

TEST_F(MailboxTest, DestroysWhatNobodyTook) {
    const auto item = std::make_shared<int>(1);
    {
        Mailbox<std::shared_ptr<int>> mailbox(&loop_, [](std::vector<std::shared_ptr<int>> &) {});
        mailbox.post(item);
    }
    turn();
    EXPECT_EQ(item.use_count(), 1);
}

TEST_F(MailboxTest, LosesNothingOfManyThreadsAndKeepsTheOrderOfEach) {
    constexpr int kThreads = 4;
    constexpr int kEach = 5000;
    struct Item {
        int thread;
        int number;
    };
    std::vector<int> next(kThreads, 0);
    int wrong = 0;
    int left = kThreads * kEach;
    Mailbox<Item> mailbox(&loop_, [&](std::vector<Item> &items) {
        for (const auto &item : items) {
            if (next[static_cast<size_t>(item.thread)]++ != item.number) ++wrong;
            --left;
        }
    });
    std::vector<std::thread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
        threads.emplace_back([&mailbox, thread] {
            for (int i = 0; i < kEach; ++i) mailbox.post({thread, i});
        });
    }
    while (left > 0) uv_run(&loop_, UV_RUN_ONCE);
    for (auto &thread : threads) thread.join();
    EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace wse
