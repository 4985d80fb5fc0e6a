// SPDX-License-Identifier: MIT
#include "session/backlog.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <list>
#include <random>

namespace wse::session {
namespace {

using proto::Priority;
using proto::Slow;

// What a test says of a message. The name fills the frame, so that its bytes can be counted.
struct Said {
    std::string name;
    Slow slow = Slow::kDropOldest;
    Priority priority = Priority::kNormal;
    std::string topic = "t";
    std::string key = {};
    uint64_t offset = 1;
    uint64_t queued_ms = 0;
};

bool is_kept(Slow slow) {
    return slow == Slow::kPause || slow == Slow::kDisconnect;
}

net::FrameRef frame(const std::string &wire) {
    return make_ref<const net::Frame>(wire);
}

Waiting waiting(const Said &said) {
    proto::Publication publication;
    publication.topic = said.topic;
    publication.priority = said.priority;
    const proto::Handling handling{said.slow == Slow::kPause, said.slow, said.key};
    const proto::MessageRef message(
        new proto::Message({std::move(publication), {7, said.offset}, 0, 0}, handling));
    return {frame(said.name), message, said.slow, said.queued_ms};
}

class BacklogTest : public testing::Test {
protected:
    bool push(const Said &said, size_t outside = 0) {
        return is_kept(said.slow) ? backlog.push(waiting(said), outside)
                                  : backlog.push_lossy(waiting(said), outside);
    }
    // The names of what waits, in order, from an emptied backlog.
    std::string rest() {
        std::string names;
        while (const net::FrameRef next = backlog.pop()) {
            if (!names.empty()) names += ' ';
            names += next->wire();
        }
        EXPECT_TRUE(backlog.empty());
        EXPECT_EQ(backlog.bytes(), 0U);
        EXPECT_EQ(backlog.control_bytes(), 0U);
        return names;
    }
    uint64_t dropped(Drop why) {
        const DropCounts drops = backlog.take_drops();
        uint64_t others = 0;
        for (const uint64_t count : drops.counts) others += count;
        EXPECT_EQ(others, drops[why]) << "dropped for another reason";
        return drops[why];
    }

    Backlog backlog{10, 0};
};

TEST_F(BacklogTest, HandsOnInTheOrderOfPushes) {
    EXPECT_TRUE(push({"a", Slow::kPause}));
    backlog.push_control(frame("b"), 0);
    EXPECT_TRUE(push({"c", Slow::kDropLowest, Priority::kCritical}));
    EXPECT_TRUE(push({"d", Slow::kDisconnect}));
    EXPECT_TRUE(push({"e", Slow::kConflate}));
    EXPECT_TRUE(backlog.push({frame("f"), {}}, 0));
    EXPECT_EQ(backlog.bytes(), 6U);
    EXPECT_EQ(backlog.control_bytes(), 1U);
    EXPECT_EQ(rest(), "a b c d e f");
    EXPECT_EQ(dropped(Drop::kRefused), 0U);
}

TEST_F(BacklogTest, HasRoomUpToItsLimitAndNotBeyond) {
    EXPECT_TRUE(push({"123456", Slow::kPause}));
    EXPECT_FALSE(push({"7890x", Slow::kPause}));
    EXPECT_FALSE(push({"7890", Slow::kDisconnect}, 1));
    EXPECT_TRUE(push({"7890", Slow::kDisconnect}));
    EXPECT_EQ(rest(), "123456 7890");
}

TEST_F(BacklogTest, NeverRefusesNorDropsControlFrames) {
    backlog.push_control(frame("123456"), 0);
    backlog.push_control(frame("7890abc"), 0);
    EXPECT_EQ(backlog.control_bytes(), 13U);
    for (const Slow slow : {Slow::kDropOldest, Slow::kDropLowest, Slow::kConflate}) {
        EXPECT_FALSE(push({"x", slow, Priority::kCritical}));
    }
    EXPECT_EQ(dropped(Drop::kRefused), 3U);
    EXPECT_TRUE(backlog.trim(1000).empty());
    EXPECT_EQ(rest(), "123456 7890abc");
}

TEST_F(BacklogTest, DropsNothingLossyForAMessageThatIsKept) {
    EXPECT_TRUE(push({"123456789"}));
    EXPECT_FALSE(push({"ab", Slow::kPause}));
    EXPECT_EQ(rest(), "123456789");
}

TEST_F(BacklogTest, DropsTheOldestUntilTheNewOneFits) {
    push({"aaa", Slow::kDropLowest, Priority::kCritical});
    push({"bb", Slow::kPause});
    push({"cc", Slow::kConflate, Priority::kNormal, "other"});
    push({"ddd"});
    EXPECT_TRUE(push({"eeeee", Slow::kDropOldest, Priority::kBackground}));
    EXPECT_EQ(dropped(Drop::kOldest), 2U);
    EXPECT_EQ(rest(), "bb ddd eeeee");
}

TEST_F(BacklogTest, DropsTheNewOneWhenNoneIsLeftToGo) {
    push({"kept", Slow::kPause});
    EXPECT_FALSE(push({"1234567"}));
    EXPECT_EQ(dropped(Drop::kRefused), 1U);
    EXPECT_EQ(rest(), "kept");
}

TEST_F(BacklogTest, CountsWhatWaitsOutsideAgainstTheLimit) {
    push({"aa"});
    push({"bb"});
    EXPECT_TRUE(push({"cc"}, 6));
    EXPECT_EQ(dropped(Drop::kOldest), 1U);
    EXPECT_EQ(rest(), "bb cc");
}

TEST_F(BacklogTest, DropsTheLowestPriorityAndOfItTheOldest) {
    push({"n1"});
    push({"l1", Slow::kDropOldest, Priority::kLow});
    push({"b1", Slow::kConflate, Priority::kBackground});
    push({"l2", Slow::kDropLowest, Priority::kLow});
    push({"n2"});
    EXPECT_TRUE(push({"n3xx", Slow::kDropLowest}));
    EXPECT_EQ(dropped(Drop::kLowest), 2U);
    EXPECT_EQ(rest(), "n1 l2 n2 n3xx");
}

TEST_F(BacklogTest, DropsItsOwnPriorityButNoHigherOne) {
    push({"l1xxx", Slow::kDropLowest, Priority::kLow});
    push({"n1xxx", Slow::kDropLowest, Priority::kNormal});
    EXPECT_TRUE(push({"l2", Slow::kDropLowest, Priority::kLow}));
    EXPECT_FALSE(push({"b1xxxx", Slow::kDropLowest, Priority::kBackground}));
    EXPECT_EQ(dropped(Drop::kLowest), 2U);
    EXPECT_EQ(rest(), "n1xxx l2");
}

TEST_F(BacklogTest, EvictsNeitherHighNorCriticalForAPriority) {
    push({"h1xxx", Slow::kDropLowest, Priority::kHigh});
    push({"c1xxx", Slow::kDropLowest, Priority::kCritical});
    EXPECT_FALSE(push({"c2", Slow::kDropLowest, Priority::kCritical}));
    EXPECT_FALSE(push({"h2", Slow::kDropLowest, Priority::kHigh}));
    EXPECT_EQ(dropped(Drop::kRefused), 2U);
    EXPECT_FALSE(push({"n1", Slow::kDropLowest, Priority::kNormal}));
    EXPECT_EQ(dropped(Drop::kLowest), 1U);
    EXPECT_EQ(rest(), "h1xxx c1xxx");
}

TEST_F(BacklogTest, RefusesTheLowestWhenNothingLossyWaits) {
    push({"kept567890", Slow::kPause});
    EXPECT_FALSE(push({"b", Slow::kDropLowest, Priority::kBackground}));
    EXPECT_EQ(dropped(Drop::kRefused), 1U);
}

TEST_F(BacklogTest, ReplacesWhatHasTheSameTopicAndKey) {
    const auto quote = [](const char *name, const char *topic, const char *key) {
        return Said{name, Slow::kConflate, Priority::kNormal, topic, key};
    };
    push(quote("a", "t", "x"));
    push(quote("b", "t", "y"));
    push(quote("c", "u", "x"));
    push(quote("d", "t", ""));
    EXPECT_TRUE(push(quote("e", "t", "x")));
    EXPECT_TRUE(push(quote("f", "t", "")));
    EXPECT_EQ(dropped(Drop::kConflated), 2U);
    EXPECT_EQ(rest(), "e b c f");
}

TEST_F(BacklogTest, ReplacesNothingThatHasBeenHandedOn) {
    push({"a", Slow::kConflate});
    EXPECT_EQ(backlog.pop()->wire(), "a");
    push({"b", Slow::kConflate});
    EXPECT_EQ(dropped(Drop::kConflated), 0U);
    EXPECT_EQ(rest(), "b");
}

TEST_F(BacklogTest, DropsTheOldestWhenReplacingIsNotEnough) {
    push({"oldest"});
    push({"x1", Slow::kConflate});
    push({"y", Slow::kConflate, Priority::kNormal, "u"});
    EXPECT_TRUE(push({"x2345678", Slow::kConflate}));
    const DropCounts drops = backlog.take_drops();
    EXPECT_EQ(drops[Drop::kConflated], 1U);
    EXPECT_EQ(drops[Drop::kOldest], 1U);
    EXPECT_EQ(rest(), "x2345678 y");
}

TEST_F(BacklogTest, WithdrawsTheStampedMessagesOfATopic) {
    push({"a4", Slow::kPause, Priority::kNormal, "a", "", 4});
    push({"b1", Slow::kPause, Priority::kNormal, "b", "", 1});
    push({"a5", Slow::kPause, Priority::kNormal, "a", "", 5});
    push({"x", Slow::kDropOldest, Priority::kNormal, "a", "", 6});
    push({"y", Slow::kDisconnect, Priority::kNormal, "a", "", 7});
    EXPECT_EQ(backlog.withdraw("a"), (proto::Position{7, 3}));
    EXPECT_EQ(backlog.withdraw("a"), std::nullopt);
    EXPECT_EQ(backlog.withdraw("c"), std::nullopt);
    EXPECT_EQ(backlog.bytes(), 4U);
    EXPECT_EQ(rest(), "b1 x y");
    EXPECT_EQ(backlog.withdraw("b"), std::nullopt);
}

TEST_F(BacklogTest, WithdrawsFromTheFirstThatStillWaits) {
    for (uint64_t offset = 1; offset <= 3; ++offset) {
        push({"x", Slow::kPause, Priority::kNormal, "t", "", offset});
    }
    backlog.pop();
    EXPECT_EQ(backlog.withdraw("t"), (proto::Position{7, 1}));
    EXPECT_TRUE(backlog.empty());
}

TEST_F(BacklogTest, DropsLossyMessagesThatWaitedTooLong) {
    push({"a", Slow::kDropOldest, Priority::kCritical, "t", "", 1, 10});
    push({"b", Slow::kConflate, Priority::kNormal, "t", "", 1, 10});
    push({"c", Slow::kDropLowest, Priority::kNormal, "t", "", 1, 20});
    EXPECT_TRUE(backlog.trim(10).empty());
    EXPECT_EQ(dropped(Drop::kAge), 0U);
    EXPECT_TRUE(backlog.trim(20).empty());
    EXPECT_EQ(dropped(Drop::kAge), 2U);
    EXPECT_EQ(rest(), "c");
}

TEST_F(BacklogTest, NamesTheTopicsOfOthersThatWaitedTooLong) {
    push({"a1", Slow::kPause, Priority::kNormal, "a", "", 1, 10});
    push({"x", Slow::kDropOldest, Priority::kNormal, "x", "", 1, 10});
    push({"a2", Slow::kPause, Priority::kNormal, "a", "", 2, 10});
    push({"b", Slow::kDisconnect, Priority::kNormal, "b", "", 1, 11});
    push({"c", Slow::kPause, Priority::kNormal, "c", "", 1, 12});
    EXPECT_TRUE(backlog.push({frame("d"), {}, Slow::kDisconnect, 12}, 0));
    const auto late = backlog.trim(12);
    ASSERT_EQ(late.size(), 2U);
    EXPECT_EQ(late[0]->publication.topic, "a");
    EXPECT_EQ(late[0]->position.offset, 1U);
    EXPECT_EQ(late[1]->publication.topic, "b");
    EXPECT_EQ(rest(), "a1 a2 b c d");
}

// The same rules over a plain list, one scan after the other.
class Model {
public:
    explicit Model(size_t limit) : limit_(limit) {}

    bool push(const Said &said, size_t outside) {
        const auto older = said.slow == Slow::kConflate ? find(said) : list.end();
        const bool replaces = older != list.end();
        const Said before = replaces ? *older : said;
        auto place = replaces ? list.erase(older) : list.end();
        while (bytes() + outside + said.name.size() > limit_) {
            if (is_kept(said.slow)) return false;
            const auto victim = choose(said);
            if (victim == list.end()) {
                if (replaces) list.insert(place, before);
                return refuse(said);
            }
            ++drops[said.slow == Slow::kDropLowest ? Drop::kLowest : Drop::kOldest];
            if (victim == place) ++place;
            list.erase(victim);
        }
        drops[Drop::kConflated] += replaces ? 1 : 0;
        list.insert(place, said);
        return true;
    }
    uint64_t withdraw(const std::string &topic) {
        const auto stamped = [&](const Said &one) {
            return one.topic == topic && one.slow == Slow::kPause;
        };
        const auto first = std::find_if(list.begin(), list.end(), stamped);
        const uint64_t offset = first == list.end() ? 0 : first->offset;
        std::erase_if(list, stamped);
        return offset;
    }
    std::vector<std::string> trim(uint64_t before_ms) {
        std::vector<std::string> late;
        drops[Drop::kAge] += std::erase_if(
            list, [&](const Said &one) { return !is_kept(one.slow) && one.queued_ms < before_ms; });
        for (const Said &one : list) {
            const bool named = std::find(late.begin(), late.end(), one.topic) != late.end();
            if (one.queued_ms < before_ms && !named) late.push_back(one.topic);
        }
        return late;
    }
    size_t bytes() const {
        size_t sum = 0;
        for (const Said &one : list) sum += one.name.size();
        return sum;
    }

    std::list<Said> list;
    DropCounts drops;

private:
    std::list<Said>::iterator find(const Said &said) {
        return std::find_if(list.begin(), list.end(), [&](const Said &one) {
            return one.slow == Slow::kConflate && one.topic == said.topic && one.key == said.key;
        });
    }
    std::list<Said>::iterator choose(const Said &said) {
        if (said.slow != Slow::kDropLowest) {
            return std::find_if(list.begin(), list.end(),
                                [](const Said &one) { return !is_kept(one.slow); });
        }
        auto best = list.end();
        for (auto one = list.begin(); one != list.end(); ++one) {
            if (is_kept(one->slow) || one->priority > said.priority) continue;
            if (one->priority >= Priority::kHigh) continue;
            if (best == list.end() || one->priority < best->priority) best = one;
        }
        return best;
    }
    bool refuse(const Said &said) {
        const bool lossy_waits = std::any_of(list.begin(), list.end(),
                                             [](const Said &one) { return !is_kept(one.slow); });
        const bool lowest = said.slow == Slow::kDropLowest && said.priority < Priority::kHigh;
        ++drops[lowest && lossy_waits ? Drop::kLowest : Drop::kRefused];
        return false;
    }

    const size_t limit_;
};

class Dice {
public:
    size_t below(size_t count) { return random_() % count; }
    Said message(uint64_t number) {
        constexpr Slow kSlow[] = {Slow::kPause, Slow::kDisconnect, Slow::kDropOldest,
                                  Slow::kDropLowest, Slow::kConflate};
        constexpr Priority kPriority[] = {Priority::kBackground, Priority::kLow, Priority::kNormal,
                                          Priority::kHigh, Priority::kCritical};
        std::string name = std::to_string(number);
        name.resize(name.size() + below(20), '.');
        return {name,
                kSlow[below(5)],
                kPriority[below(5)],
                std::string(1, "abc"[below(3)]),
                std::string(below(2), 'k'),
                number,
                number};
    }

private:
    std::mt19937 random_{7};
};

TEST(BacklogModel, AgreesWithPlainLists) {
    Dice dice;
    Backlog backlog(200, 0);
    Model model(200);
    for (uint64_t number = 1; number <= 50000; ++number) {
        const size_t action = dice.below(100);
        if (action < 75) {
            const Said said = dice.message(number);
            const size_t outside = dice.below(50);
            const bool took = is_kept(said.slow) ? backlog.push(waiting(said), outside)
                                                 : backlog.push_lossy(waiting(said), outside);
            ASSERT_EQ(took, model.push(said, outside));
        } else if (action < 96) {
            const net::FrameRef next = backlog.pop();
            ASSERT_EQ(static_cast<bool>(next), !model.list.empty());
            if (!next) continue;
            ASSERT_EQ(next->wire(), model.list.front().name);
            model.list.erase(model.list.begin());
        } else if (action < 98) {
            const std::string topic(1, "abc"[dice.below(3)]);
            const auto before = backlog.withdraw(topic);
            ASSERT_EQ(before ? before->offset + 1 : 0, model.withdraw(topic));
        } else {
            const uint64_t before_ms = number - std::min<uint64_t>(number, dice.below(30));
            std::vector<std::string> late;
            for (const auto &one : backlog.trim(before_ms)) late.push_back(one->publication.topic);
            ASSERT_EQ(late, model.trim(before_ms));
        }
        ASSERT_EQ(backlog.bytes(), model.bytes());
        ASSERT_EQ(backlog.take_drops(), std::exchange(model.drops, {}));
    }
    for (const Said &said : model.list) ASSERT_EQ(backlog.pop()->wire(), said.name);
    EXPECT_TRUE(backlog.empty());
    EXPECT_EQ(backlog.bytes(), 0U);
}

}  // namespace
}  // namespace wse::session
