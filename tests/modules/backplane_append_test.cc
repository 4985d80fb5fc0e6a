// SPDX-License-Identifier: MIT
// What the scripts of backplane_redis append, and what they keep of it.
#include "support/scripts_fixture.h"

namespace wse::backplane_redis {
namespace {

TEST_F(BackplaneScripts, AppendABatchOnceAndNoneThatIsOlder) {
    open("run", "7");
    EXPECT_EQ(append("one", batch_of(1, 2)), "OK");
    const std::string first = last_reply_;
    EXPECT_EQ(append("one", batch_of(1, 2)), "OK");
    EXPECT_EQ(last_reply_, first);
    EXPECT_EQ(append("one", batch_of(2, 1)), "OK");
    EXPECT_EQ(append("one", batch_of(1, 2)), "OLD");
    EXPECT_EQ(append("two", batch_of(1, 1)), "OK");
    EXPECT_EQ(attach("t")->place.offset, 4u);
}

TEST_F(BackplaneScripts, DoNothingUnderAnotherProcessOrGeneration) {
    open("run", "7");
    incarnation_.generation = "8";
    EXPECT_EQ(append("one", batch_of(1, 1)), "INC");
    EXPECT_FALSE(attach("t"));
    incarnation_ = {"another", "7"};
    EXPECT_EQ(append("one", batch_of(1, 1)), "INC");
    incarnation_.run_id = "run";
    EXPECT_EQ(attach("t")->place.offset, 0u);
}

TEST_F(BackplaneScripts, GiveAnIdOnePlaceHoweverOftenItComes) {
    open("run", "7");
    Batch batch = batch_of(1, {{"t", 5, "x"}, {"u", 5, "x"}, {"t", 5}, {"t", 5, "x"}, {"t", 5}});
    ASSERT_EQ(append("one", batch), "OK");
    const std::vector<Place> first = places(batch);
    ASSERT_EQ(first.size(), 5u);
    EXPECT_EQ(first[3], first[0]);
    EXPECT_EQ(first[4].offset, 3u);
    EXPECT_NE(first[1].epoch, first[0].epoch);
    batch = batch_of(1, {{"t", 0, "x"}, {"t", 5, "y"}});
    ASSERT_EQ(append("two", batch), "OK");
    EXPECT_EQ(places(batch), (std::vector<Place>{first[0], {first[0].epoch, 4}}));
    batch = batch_of(2, {{"t", 0, "x"}, {"v", 0}, {"v", 0}});
    ASSERT_EQ(append("two", batch), "OK");
    EXPECT_EQ(fields("to"),
              (std::vector<std::string>{"t 1 ", "u 1 ", "t 2 ", "t 3 ", "t 4 ", "v 1 ", "v 2 "}));
    EXPECT_EQ(attach("t")->messages.size(), 4u) << "a repeat alone changes nothing";
}

TEST_F(BackplaneScripts, AppendNothingForRepeatsAlone) {
    open("run", "7");
    append("one", batch_of(1, {{"t", 5, "x"}}));
    const EntryId end = last();
    command({"DEL", names().topic(0, "t")});
    const Batch batch = batch_of(2, {{"t", 0, "x"}, {"t", 0, "x"}});
    ASSERT_EQ(append("one", batch), "OK");
    EXPECT_EQ(places(batch).size(), 2u);
    EXPECT_EQ(read_appended(last_reply_, batch)->last, EntryId{});
    EXPECT_EQ(last(), end);
    EXPECT_EQ(command({"EXISTS", names().topic(0, "t")})->integer, 0);
}

TEST_F(BackplaneScripts, KeepTheLastOfABatchThatIsLongerThanTheHistory) {
    open("run", "7");
    append("one", batch_of(1, {{"t", 2}, {"u", 9}, {"t", 2}, {"t", 2}, {"u", 9}, {"t", 2}}));
    EXPECT_EQ(command({"XLEN", names().history(0, "t")})->integer, 2);
    ASSERT_EQ(attach("t")->messages.size(), 2u);
    EXPECT_EQ(attach("t")->messages[0].place.offset, 3u);
    EXPECT_EQ(attach("u")->messages.size(), 2u);
    append("one", batch_of(2, {{"t", 3}, {"t", 3}}));
    EXPECT_EQ(attach("t")->messages.size(), 3u);
    EXPECT_EQ(fields("to").size(), 8u);
}

TEST_F(BackplaneScripts, KeepNothingAfterAMessageThatHasNoHistory) {
    open("run", "7");
    append("one", batch_of(1, {{"t", 5}, {"t", 5}, {"t", 5}}));
    append("one", batch_of(2, {{"t"}, {"t"}}));
    EXPECT_EQ(command({"EXISTS", names().history(0, "t")})->integer, 0);
    append("one", batch_of(3, {{"t", 5}}));
    ASSERT_EQ(attach("t")->messages.size(), 1u);
    EXPECT_EQ(attach("t")->messages[0].place.offset, 6u);
}

TEST_F(BackplaneScripts, LeaveAGapAndNoPlaceTwiceWhenStoppedHalfway) {
    open("run", "7");
    append("one", batch_of(1, {{"t", 9}, {"u", 9}}));
    const uint64_t count = attach("")->count;
    command({"SET", names().history(0, "u"), "is none of ours"});
    const Batch half = batch_of(2, {{"t", 9}, {"u", 9, "x"}, {"t", 9}});
    const Reply stopped = ask(append_command(contexts_[0], 0, incarnation_, half));
    EXPECT_EQ(error_of(*stopped), "WRONGTYPE");
    const Reply newest = command({"XREVRANGE", names().stream(0), "+", "-", "COUNT", "1"});
    EXPECT_EQ(last().text(), element_text(*newest->element[0], 0));
    EXPECT_EQ(attach("")->count, count + 3);

    command({"DEL", names().history(0, "u")});
    const Batch next = batch_of(3, {{"t", 9}, {"u", 9, "x"}, {"u", 9}});
    ASSERT_EQ(append("one", next), "OK");
    EXPECT_EQ(places(next)[0].offset, 4u);
    EXPECT_EQ(places(next)[1].offset, 2u) << "is in the stream, and has its place";
    EXPECT_EQ(fields("to"),
              (std::vector<std::string>{"t 1 ", "u 1 ", "t 2 ", "u 2 ", "t 4 ", "u 3 "}));
    ASSERT_EQ(attach("t")->messages.size(), 1u);
    EXPECT_EQ(attach("t")->messages[0].place.offset, 4u);
}

TEST_F(BackplaneScripts, DoNothingWhenAKeyOfATopicIsOfAnotherKind) {
    open("run", "7");
    const EntryId end = last();
    command({"SET", names().topic(0, "u"), "is none of ours"});
    const Batch batch = batch_of(1, {{"t", 9}, {"u", 9}});
    EXPECT_EQ(error_of(*ask(append_command(contexts_[0], 0, incarnation_, batch))), "WRONGTYPE");
    EXPECT_EQ(last(), end);
    EXPECT_EQ(command({"EXISTS", names().topic(0, "t")})->integer, 0);
}

TEST_F(BackplaneScripts, DoNothingWhenRedisIsFull) {
    open("run", "7");
    append("one", fact_of(1, "t", "ada", "1"));
    Batch batch = batch_of(2, {{"t", 9, "x"}});
    batch.facts = {{1, "t", "ada", "", ""}};
    command({"CONFIG", "SET", "maxmemory", "1"});
    EXPECT_EQ(error_of(*ask(append_command(contexts_[0], 0, incarnation_, batch))), "OOM");
    command({"CONFIG", "SET", "maxmemory", "0"});
    EXPECT_EQ(attach("t")->facts.size(), 1u);
    ASSERT_EQ(append("one", batch), "OK");
    EXPECT_EQ(places(batch)[0].offset, 1u);
    EXPECT_EQ(fields("q"), (std::vector<std::string>{"2 ", "3 ", "4 "}));
}

TEST_F(BackplaneScripts, PutFactsAndTheCanaryBeforeTheMessages) {
    open("run", "7");
    Batch batch = batch_of(1, {{"t", 5, "x"}, {"t", 5}});
    batch.facts = {{1, "t", "ada", "1", ""}, {1, "u", "bob", "", ""}};
    batch.canary = 17;
    ASSERT_EQ(append("one", batch), "OK");
    EXPECT_EQ(places(batch).size(), 2u);
    EXPECT_EQ(fields("fktcnoq"), (std::vector<std::string>{"1 t ada 2 ", "1 u bob 3 ", "one 17 4 ",
                                                           "t 1 5 ", "t 2 6 "}));
    EXPECT_EQ(attach("")->count, 6u);
    EXPECT_EQ(attach("t")->facts.size(), 1u);
}

TEST_F(BackplaneScripts, CountBeyondWhatLuaWritesAsAWholeNumber) {
    open("run", "7");
    append("one", batch_of(1, {{"t", 5}}));
    command({"HSET", names().topic(0, "t"), "o", "9007199254740989"});
    command({"HSET", names().incarnation(0), "q", "9007199254740989"});
    const Batch batch = batch_of(2, {{"t", 5}, {"t", 5}});
    ASSERT_EQ(append("one", batch), "OK");
    ASSERT_EQ(places(batch).size(), 2u);
    EXPECT_EQ(places(batch)[1].offset, 9007199254740991u);
    EXPECT_EQ(fields("toq").back(), "t 9007199254740991 9007199254740991 ");
    EXPECT_EQ(attach("t")->place.offset, 9007199254740991u);
    EXPECT_EQ(attach("t")->messages.size(), 2u);
    EXPECT_EQ(attach("")->count, 9007199254740991u);
}

TEST_F(BackplaneScripts, GiveKeysTheirTimeToLive) {
    const auto is_about = [this](const std::string &key, int64_t ms) {
        const int64_t left = time_to_live(key);
        return left <= ms && left > ms - 30'000;
    };
    open("run", "7");
    append("one", batch_of(1, {{"t", 5, "x", 900'000}, {"u", 5, "", 100'000}, {"v", 5}}));
    EXPECT_TRUE(is_about(names().topic(0, "t"), 900'000));
    EXPECT_TRUE(is_about(names().history(0, "t"), 900'000));
    EXPECT_TRUE(is_about(names().id(0, "t", "x"), 60'000));
    EXPECT_TRUE(is_about(names().topic(0, "u"), 600'000));
    EXPECT_TRUE(is_about(names().history(0, "u"), 100'000));
    EXPECT_TRUE(is_about(names().topic(0, "v"), 600'000));
    EXPECT_TRUE(is_about(names().history(0, "v"), 600'000));
    EXPECT_TRUE(is_about(names().batch(0, "one"), 3'600'000));
    const auto age = [this](const char *topic) {
        return std::string(text_of(*command({"HGET", names().topic(0, topic), "a"})));
    };
    EXPECT_EQ(age("t"), "900000");
    EXPECT_EQ(age("v"), "0");
    append("one", batch_of(2, {{"t", 5}}));
    EXPECT_EQ(age("t"), "0");
    EXPECT_TRUE(is_about(names().history(0, "t"), 600'000));
}

TEST_F(BackplaneScripts, TrimTheStreamByAgeWhenTheBatchSaysSo) {
    config_.stream_age_ms = 1000;
    for (int i = 1; i <= 300; ++i)
        command({"XADD", names().stream(0), std::to_string(i) + "-0", "c", "old"});
    open("run", "7");
    Batch batch = batch_of(1, 1);
    append("one", batch);
    EXPECT_GT(command({"XLEN", names().stream(0)})->integer, 300);
    batch.number = 2;
    batch.trims_by_age = true;
    append("one", batch);
    EXPECT_LT(command({"XLEN", names().stream(0)})->integer, 110);
    EXPECT_EQ(attach("t")->place.offset, 2u);
}

TEST_F(BackplaneScripts, KeepSoManyMessagesAndGiveThoseThatLack) {
    open("run", "7");
    append("one", batch_of(1, 5, 3));
    const uint64_t epoch = attach("t")->place.epoch;
    EXPECT_EQ(attach("t")->messages.size(), 3u);
    EXPECT_EQ(attach("t", {epoch, 1})->messages.size(), 3u);
    EXPECT_EQ(attach("t", {epoch, 4})->messages.size(), 1u);
    EXPECT_EQ(attach("t", {epoch, 5})->messages.size(), 0u);
    EXPECT_EQ(attach("t", {epoch + 1, 4})->messages.size(), 3u) << "another epoch";
    // Who keeps none leaves a gap, and what came before it is worth nothing.
    append("one", batch_of(2, 1, 0));
    EXPECT_EQ(attach("t")->messages.size(), 0u);
}

TEST_F(BackplaneScripts, KeepWhatDoesNotAgeAsLongAsThePlaceIsAskedFor) {
    open("run", "7");
    append("one", batch_of(1, 1, 1));
    command({"PEXPIRE", names().history(0, "t"), "5000"});
    command({"HSET", names().topic(0, "t"), "a", "5000"});
    attach("t");
    EXPECT_LE(command({"PTTL", names().history(0, "t")})->integer, 5000);
    command({"HSET", names().topic(0, "t"), "a", "0"});
    attach("t");
    EXPECT_GT(command({"PTTL", names().history(0, "t")})->integer, 5000);
}

}  // namespace
}  // namespace wse::backplane_redis
