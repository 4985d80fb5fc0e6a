// SPDX-License-Identifier: MIT
#include "server/observers.h"

#include <gtest/gtest.h>

#include <sstream>
#include <thread>

#include "zoo_modules.h"

namespace wse::server {
namespace {

class ObserversTest : public test::ZooModules {
protected:
    ~ObserversTest() override { observers.reset(); }
    void run(const std::vector<std::string> &names) {
        load(names);
        observers = std::make_unique<Observers>(service, *modules);
    }
    uint64_t dropped() const { return counters.read(Counter::observations_dropped); }

    std::unique_ptr<Observers> observers;
};

TEST_F(ObserversTest, TellsEveryObserverWhatItWantsInOrder) {
    run({"observer_all", "observer_publish"});
    module::Observations *way = observers->make_way(counters);
    ASSERT_NE(way, nullptr);
    EXPECT_TRUE(way->wants(WSE_OBSERVE_OPEN));
    way->add({.event = WSE_OBSERVE_OPEN, .connection = "one"});
    way->add({.event = WSE_OBSERVE_PUBLISH, .connection = "one", .topic = "a", .detail = "news"});
    EXPECT_EQ(journal("observer_all"), "create 0\n") << "on the service loop alone";
    turn();
    EXPECT_EQ(journal("observer_all"), "create 0\nobserve 1 one  \nobserve 32 one a news\n");
    EXPECT_EQ(journal("observer_publish"), "create 0\nobserve 32\n");
}

TEST_F(ObserversTest, WantsWhatSomebodyWants) {
    run({"observer_publish"});
    module::Observations *way = observers->make_way(counters);
    EXPECT_TRUE(way->wants(WSE_OBSERVE_PUBLISH));
    EXPECT_FALSE(way->wants(WSE_OBSERVE_OPEN));
}

TEST_F(ObserversTest, HasNoWayWhenNobodyListens) {
    run({"minimal"});
    EXPECT_EQ(observers->make_way(counters), nullptr);
}

TEST_F(ObserversTest, DropsAndCountsWhatIsMoreThanItsQueueHolds) {
    run({"observer_publish"});
    module::Observations *way = observers->make_way(counters);
    for (size_t i = 0; i < Observers::kMaxQueued + 7; ++i) way->add({.event = WSE_OBSERVE_OPEN});
    EXPECT_EQ(dropped(), 7U);
    turn();
    way->add({.event = WSE_OBSERVE_OPEN});
    EXPECT_EQ(dropped(), 7U) << "there is room again";
}

TEST_F(ObserversTest, DropsAndCountsWhatIsMoreThanItsBytes) {
    run({"observer_publish"});
    module::Observations *way = observers->make_way(counters);
    const std::string large(Observers::kMaxQueuedBytes / 4, 'x');
    for (int i = 0; i < 5; ++i) way->add({.event = WSE_OBSERVE_OPEN, .detail = large});
    EXPECT_EQ(dropped(), 2U);
    turn();
    way->add({.event = WSE_OBSERVE_OPEN, .detail = large});
    EXPECT_EQ(dropped(), 2U);
}

TEST_F(ObserversTest, DeliversWhatIsQueuedBeforeTheEnd) {
    run({"observer_publish"});
    module::Observations *way = observers->make_way(counters);
    for (int i = 0; i < 3; ++i) way->add({.event = WSE_OBSERVE_PUBLISH});
    service.start();
    EXPECT_TRUE(observers->finish(60'000));
    EXPECT_EQ(journal("observer_publish"), "create 0\nobserve 32\nobserve 32\nobserve 32\n");
    way->add({.event = WSE_OBSERVE_PUBLISH});
    service.stop();
    turn();
    EXPECT_EQ(journal("observer_publish"), "create 0\nobserve 32\nobserve 32\nobserve 32\n");
}

TEST_F(ObserversTest, KeepsTheOrderOfEachThread) {
    run({"observer_all"});
    module::Observations *one = observers->make_way(counters);
    module::Observations *two = observers->make_way(counters);
    const auto tell = [](module::Observations *way, const char *who) {
        for (int i = 0; i < 200; ++i)
            way->add({.event = WSE_OBSERVE_OPEN, .topic = who, .detail = std::to_string(i)});
    };
    service.start();
    std::thread other(tell, two, "two");
    tell(one, "one");
    other.join();
    EXPECT_TRUE(observers->finish(60'000));
    service.stop();
    std::istringstream lines(journal("observer_all"));
    int next[2] = {};
    std::string word, number;
    while (lines >> word) {
        if (word != "one" && word != "two") continue;
        lines >> number;
        EXPECT_EQ(number, std::to_string(next[word == "two"]++)) << word;
    }
    EXPECT_EQ(next[0] + next[1], 400);
}

}  // namespace
}  // namespace wse::server
