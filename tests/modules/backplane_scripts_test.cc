// SPDX-License-Identifier: MIT
// Votes on what was lost, and the ends of hosts and their facts: the other scripts.
#include "support/scripts_fixture.h"

namespace wse::backplane_redis {
namespace {

TEST_F(BackplaneScripts, WaitForAllHostsThatHaveUsedTheShard) {
    open("run", "7");
    ASSERT_EQ(vote({"run", "two"}), "7");
    const EntryId seen = last();
    EXPECT_EQ(vote({"next", "one", seen, "8"}), "WAIT");
    EXPECT_EQ(vote({"next", "one", seen, "8"}), "WAIT");
    EXPECT_EQ(vote({"next", "two", seen, "9"}), "7") << "nothing was lost";
}

TEST_F(BackplaneScripts, DoNotWaitLongerThanTheGrace) {
    open("run", "7");
    ASSERT_EQ(vote({"run", "two"}), "7");
    EXPECT_EQ(vote({"next", "one", last(), "8", "0"}), "7");
}

TEST_F(BackplaneScripts, BeginAGenerationAndEpochsWhenAHostMissesSomething) {
    open("run", "7");
    append("one", batch_of(1, 2, 10));
    const Place before = attach("t")->place;
    EntryId seen = last();
    ++seen.ms;
    EXPECT_EQ(vote({"next", "one", seen, "8", "60000", "7"}), "8");
    incarnation_ = {"next", "8"};
    append("one", batch_of(2, 1, 10));
    const auto after = attach("t");
    EXPECT_NE(after->place.epoch, before.epoch);
    EXPECT_EQ(after->place.offset, 1u);
    EXPECT_EQ(after->messages.size(), 1u) << "what was kept went with its epoch";
    // One that misses something comes when the shard is open already.
    seen = last();
    ++seen.ms;
    EXPECT_EQ(vote({"next", "two", seen, "9", "60000", "8"}), "9");
}

TEST_F(BackplaneScripts, FindALossThatOthersHaveAppendedAfter) {
    open("run", "7");
    append("one", batch_of(1, 1));
    const EntryId kept = last();
    EntryId lost = kept;
    lost.sequence += 1000;
    ASSERT_EQ(vote({"next", "two", kept, "8", "0", "7"}), "7");
    incarnation_ = {"next", "7"};
    append("two", batch_of(1, 3));
    EXPECT_EQ(vote({"next", "one", kept, "9", "0", "7"}), "7");
    EXPECT_EQ(vote({"next", "one", lost, "9", "0", "7"}), "9");
}

TEST_F(BackplaneScripts, BeginOneGenerationForAllThatMissTheSame) {
    open("run", "7");
    append("one", batch_of(1, 1));
    EntryId lost = last();
    lost.sequence += 1000;
    EXPECT_EQ(vote({"next", "one", lost, "8", "0", "7"}), "8");
    EXPECT_EQ(vote({"next", "two", lost, "9", "0", "7"}), "8");
    // Data of before is there again: what the hosts know of the later generation was lost.
    command({"HSET", names().incarnation(0), "g", "7"});
    command({"HDEL", names().incarnation(0), "b:7"});
    EXPECT_EQ(vote({"third", "one", last(), "10", "0", "8"}), "10");
    EXPECT_EQ(vote({"third", "two", last(), "11", "0", "8"}), "10");
}

TEST_F(BackplaneScripts, TakeWhatWasTrimmedForLostOnlyWhereItMatters) {
    open("run", "7");
    append("one", batch_of(1, 1));
    const EntryId seen = last();
    append("one", batch_of(2, 3));
    command({"XTRIM", names().stream(0), "MAXLEN", "1"});
    EXPECT_EQ(vote({"run", "one", seen, "8", "0", "7"}), "7");
    EXPECT_EQ(vote({"next", "one", seen, "8", "0", "7"}), "7");
    incarnation_.run_id = "next";
    command({"XTRIM", names().stream(0), "MAXLEN", "0"});
    EXPECT_EQ(vote({"next", "one", last(), "8", "0", "7"}), "7");
    EXPECT_EQ(vote({"next", "one", seen, "9", "0", "7", "1"}), "9");
}

TEST_F(BackplaneScripts, EndWhatHeldOnAHostThatHasGone) {
    open("run", "7");
    append("one", fact_of(1, "t", "ada", "1"));
    append("one", fact_of(2, "u", "ada", "1"));
    append("two", fact_of(1, "t", "bob", "1"));
    EXPECT_EQ(attach("t")->facts.size(), 2u);
    const auto gone = [&](const std::vector<std::string> &topics, const char *is_gone = "1") {
        std::vector<std::string> keys = {names().incarnation(0), names().stream(0),
                                         names().fact_topics(0, "one")};
        std::vector<std::string> arguments = {"run", "7", "one", is_gone};
        for (const std::string &topic : topics) {
            keys.push_back(names().facts(0, topic));
            arguments.push_back(topic);
        }
        return word(call_of(gone_script(), keys, arguments));
    };
    EXPECT_EQ(gone({"t"}), "MORE");
    EXPECT_EQ(gone({"u"}, ""), "OK");
    ASSERT_EQ(attach("t")->facts.size(), 1u);
    EXPECT_EQ(attach("t")->facts[0].key, "bob");
    EXPECT_EQ(attach("u")->facts.size(), 0u);
    const EntryId end = last();
    EXPECT_EQ(gone({}), "OK");
    EXPECT_EQ(last(), end) << "said once";
}

TEST_F(BackplaneScripts, TellNoMoreFactsThanAReplyTakes) {
    open("run", "7");
    const std::string value(1024 * 1024, 'x');
    for (int i = 0; i < 30; ++i)
        command({"HSET", names().facts(0, "t"), "one\n1\n" + std::to_string(i), value});
    for (int i = 0; i < 1000; ++i)
        command({"HSET", names().facts(0, "u"), "one\n1\n" + std::to_string(i), "1"});
    const auto many = attach("t");
    ASSERT_TRUE(many);
    EXPECT_GE(many->facts.size(), 16u);
    EXPECT_LT(many->facts.size(), 20u);
    EXPECT_EQ(many->facts.size() + many->facts_left_out, 30u);
    EXPECT_EQ(attach("u")->facts.size(), 1000u);
    EXPECT_EQ(attach("u")->facts_left_out, 0u);
}

TEST_F(BackplaneScripts, ForgetATopicOfAHostWithItsLastFact) {
    open("run", "7");
    append("one", fact_of(1, "t", "ada", "1"));
    append("one", fact_of(2, "t", "ada", "2"));
    append("one", fact_of(3, "t", "ada", ""));
    append("one", fact_of(4, "t", "ada", ""));
    EXPECT_EQ(command({"EXISTS", names().fact_topics(0, "one")})->integer, 0);
    EXPECT_EQ(command({"EXISTS", names().facts(0, "t")})->integer, 0);
}

}  // namespace
}  // namespace wse::backplane_redis
