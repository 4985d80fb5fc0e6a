// SPDX-License-Identifier: MIT
#include "server/app_queue.h"

#include <gtest/gtest.h>

#include "support/fake_clock.h"
#include "support/fake_inbox.h"

namespace wse::server {
namespace {

using Lines = std::vector<std::string>;

class AppQueueTest : public testing::Test {
protected:
    AppQueueTest() {
        auto owned = std::make_unique<test::FakeInbox>("app");
        inbox = owned.get();
        queue =
            std::make_unique<AppQueue>(loop, counters, std::move(owned), 3, [this] { ++steps; });
    }
    void push(const std::string &name, size_t bytes = 0) {
        const std::string data(bytes, 'x');
        const module::AppEvent event{
            .event = WSE_APP_EVENT_MESSAGE, .connection = name, .data = data};
        queue->push(AppRecordRef(new AppRecord(event, 0, true, {}, totals)));
    }
    void pass(uint64_t ms) {
        clock.advance(ms);
        loop.timers().advance(clock.monotonic_ms());
    }
    void finish(uint64_t patience_ms = 1000) {
        queue->finish(patience_ms, [this] { ++finished; });
    }

    test::FakeClock clock;
    Counters counters;
    Loop loop{"service", clock};
    AppTotals totals;
    test::FakeInbox *inbox = nullptr;
    std::unique_ptr<AppQueue> queue;
    int finished = 0, steps = 0;
};

TEST_F(AppQueueTest, GivesOneBatchAtATimeInOrder) {
    for (const char *name : {"a", "b", "c", "d"}) push(name);
    queue->go();
    push("e");
    queue->go();
    EXPECT_EQ(inbox->heard(), (Lines{"message:a message:b message:c"}));
    inbox->take();
    EXPECT_EQ(inbox->heard(), (Lines{"message:d message:e"}));
    inbox->take();
    queue->go();
    EXPECT_EQ(inbox->heard(), Lines{});
    EXPECT_EQ(counters.read(Counter::app_events), 5U);
    EXPECT_EQ(totals.events, 0U);
}

TEST_F(AppQueueTest, BoundsTheBytesOfABatchButTakesOneEventInAnyCase) {
    push("a", AppQueue::kBatchBytes + 1);
    push("b");
    push("c", AppQueue::kBatchBytes / 2);
    push("d", AppQueue::kBatchBytes / 2);
    queue->go();
    inbox->take();
    inbox->take();
    EXPECT_EQ(inbox->heard(),
              (Lines{"message:a:xxxxxxxxxxxxxxxx", "message:b message:c:xxxxxxxxxxxxxxxx",
                     "message:d:xxxxxxxxxxxxxxxx"}));
}

TEST_F(AppQueueTest, TriesAgainLaterAndLaterAndKeepsWhatThereIs) {
    push("a");
    queue->go();
    for (uint64_t pause = AppQueue::kFirstPauseMs; pause < AppQueue::kLongestPauseMs; pause *= 2) {
        EXPECT_EQ(inbox->heard().size(), 1U) << pause;
        inbox->fail();
        EXPECT_TRUE(queue->is_away());
        pass(pause - 20);
        queue->go();
        EXPECT_EQ(inbox->heard(), Lines{}) << pause;
        pass(40);
    }
    push("b");
    inbox->fail();
    pass(AppQueue::kLongestPauseMs + 20);
    EXPECT_EQ(inbox->heard().back(), "message:a message:b");
    inbox->take();
    EXPECT_FALSE(queue->is_away());
    push("c");
    queue->go();
    inbox->fail();
    pass(AppQueue::kFirstPauseMs + 20);
    EXPECT_EQ(inbox->heard(), (Lines{"message:c", "message:c"})) << "the pause begins anew";
}

TEST_F(AppQueueTest, FinishesAtOnceWhenNothingIsLeft) {
    finish();
    EXPECT_EQ(finished, 1);
}

TEST_F(AppQueueTest, DeliversTheRestBeforeItFinishes) {
    for (const char *name : {"a", "b", "c", "d"}) push(name);
    queue->go();
    finish();
    pass(900);
    inbox->take();
    pass(900);
    EXPECT_EQ(finished, 0);
    inbox->take();
    EXPECT_EQ(finished, 1);
    EXPECT_EQ(counters.read(Counter::app_lost), 0U);
    EXPECT_GE(steps, 2);
}

TEST_F(AppQueueTest, TriesOnceMoreAtOnceWhenItIsToFinish) {
    push("a");
    queue->go();
    inbox->fail();
    inbox->heard();
    finish();
    EXPECT_EQ(inbox->heard(), (Lines{"message:a"}));
    inbox->take();
    EXPECT_EQ(finished, 1);
    EXPECT_EQ(counters.read(Counter::app_lost), 0U);
}

TEST_F(AppQueueTest, WaitsAsLongAsTheModuleGoesOn) {
    push("a");
    queue->go();
    finish();
    for (int i = 0; i < 5; ++i) {
        pass(900);
        queue->progress();
    }
    EXPECT_EQ(finished, 0);
    pass(1020);
    EXPECT_EQ(finished, 1);
    EXPECT_EQ(counters.read(Counter::app_lost), 1U);
    EXPECT_EQ(totals.events, 0U);
}

TEST_F(AppQueueTest, DoesNotWaitForEverForAModuleThatOnlySaysSo) {
    push("a");
    queue->go();
    finish();
    for (int i = 0; i < 12 && finished == 0; ++i) {
        pass(900);
        queue->progress();
    }
    EXPECT_EQ(finished, 1);
}

TEST_F(AppQueueTest, GivesUpOnAModuleThatRefuses) {
    push("a");
    push("b");
    queue->go();
    finish(300);
    for (int i = 0; i < 30 && finished == 0; ++i) {
        if (inbox->has_batch()) inbox->fail();
        pass(20);
    }
    EXPECT_EQ(finished, 1);
    EXPECT_EQ(counters.read(Counter::app_lost), 2U);
    push("late");
    queue->go();
    EXPECT_EQ(counters.read(Counter::app_lost), 3U);
    EXPECT_FALSE(inbox->has_batch());
}

}  // namespace
}  // namespace wse::server
