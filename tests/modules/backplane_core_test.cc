// SPDX-License-Identifier: MIT
// Parts of backplane_redis that need no Redis.
#include <gtest/gtest.h>

#include <memory>

#include "backplane_redis/attach.h"
#include "backplane_redis/batch.h"
#include "backplane_redis/facts.h"
#include "backplane_redis/ids.h"
#include "backplane_redis/outbox.h"
#include "backplane_redis/subjects.h"

namespace wse::backplane_redis {
namespace {

struct Free {
    void operator()(redisReader *reader) const { redisReaderFree(reader); }
    void operator()(redisReply *reply) const { freeReplyObject(reply); }
};

// An array of texts; of an entry's id and fields, say.
std::string array(const std::vector<std::string> &items) {
    std::string out = '*' + std::to_string(items.size()) + "\r\n";
    for (const std::string &item : items) {
        const bool is_array = item.starts_with('*');
        out += is_array ? item : '$' + std::to_string(item.size()) + "\r\n" + item + "\r\n";
    }
    return out;
}

std::unique_ptr<redisReply, Free> reply_of(const std::string &wire) {
    const std::unique_ptr<redisReader, Free> reader(redisReaderCreate());
    redisReaderFeed(reader.get(), wire.data(), wire.size());
    void *reply = nullptr;
    redisReaderGetReply(reader.get(), &reply);
    return std::unique_ptr<redisReply, Free>(static_cast<redisReply *>(reply));
}

std::optional<Entry> entry_of(const std::vector<std::string> &fields,
                              const Periphery &periphery = {}) {
    return read_entry(*reply_of(array({"1700000000000-3", array(fields)})), periphery);
}

std::vector<std::string> message_fields() {
    return {"t", "orders", "e",  "7", "o", "42", "h", "0011223344556677", "y", "event", "i",
            "x", "p",      "{}", "r", "5", "q",  "99"};
}

TEST(BackplaneEntry, IsAMessageWithTheTimeOfItsCommit) {
    const auto entry = entry_of(message_fields());
    ASSERT_TRUE(entry);
    ASSERT_EQ(entry->kind, Entry::Kind::kMessage);
    EXPECT_EQ(entry->id.text(), "1700000000000-3");
    EXPECT_EQ(entry->count, 99u);
    EXPECT_EQ(entry->message.topic, "orders");
    EXPECT_EQ(entry->message.place, (Place{7, 42}));
    EXPECT_EQ(entry->message.time_ms, 1700000000000u);
    EXPECT_EQ(entry->message.priority, 5u);
}

TEST(BackplaneEntry, IsMalformedWhenAMemberIsMissingOrNone) {
    const std::pair<size_t, const char *> wrong[] = {
        {1, ""}, {1, "a*"}, {3, "0"}, {3, "4294967296"}, {5, "0"}, {5, "-1"}, {13, ""}, {15, "4"}};
    for (const auto &[place, value] : wrong) {
        auto fields = message_fields();
        fields[place] = value;
        const auto entry = entry_of(fields);
        ASSERT_TRUE(entry);
        EXPECT_EQ(entry->kind, Entry::Kind::kMalformed) << place << value;
        EXPECT_EQ(entry->count, 99u);
        EXPECT_FALSE(entry->text.empty());
    }
}

TEST(BackplaneEntry, IsMalformedWhenItIsOfAnotherKindOrHasNoFields) {
    EXPECT_EQ(entry_of({"z", "1"})->kind, Entry::Kind::kMalformed);
    EXPECT_EQ(entry_of({})->kind, Entry::Kind::kMalformed);
    EXPECT_FALSE(read_entry(*reply_of(array({"x"})), {}));
    EXPECT_FALSE(read_entry(*reply_of("$1\r\nx\r\n"), {}));
    EXPECT_FALSE(read_entry(*reply_of("*-1\r\n"), {}));
}

TEST(BackplaneEntry, OpensWhatIsSealedOrIsMalformed) {
    Periphery periphery;
    periphery.open = [](std::string_view token) {
        return token == "sealed" ? std::optional<std::string>("{\"a\":1}") : std::nullopt;
    };
    auto fields = message_fields();
    EXPECT_EQ(entry_of(fields, periphery)->text, "does not open");
    EXPECT_EQ(entry_of(fields, periphery)->message.payload, "{}") << "for the dead letters";
    fields[13] = "sealed";
    auto half = fields;
    half.insert(half.end(), {"x", "of another key"});
    EXPECT_EQ(entry_of(half, periphery)->message.payload, "sealed") << "nothing of it in plain";
    const auto entry = entry_of(fields, periphery);
    EXPECT_EQ(entry->message.payload, "{\"a\":1}");
    EXPECT_EQ(entry->message.extra, "");
}

TEST(BackplaneEntry, IsAFactOrOneOfTheOthers) {
    const auto fact = entry_of({"f", "1", "t", "a", "k", "ada", "v", "", "h", "0011", "q", "1"});
    ASSERT_EQ(fact->kind, Entry::Kind::kFact);
    EXPECT_EQ(fact->fact.key, "ada");
    EXPECT_EQ(fact->fact.value, "");
    EXPECT_EQ(entry_of({"f", "0", "t", "a", "k", "x", "v", "", "h", "0"})->kind,
              Entry::Kind::kMalformed);
    EXPECT_EQ(entry_of({"d", "0011"})->kind, Entry::Kind::kGone);
    EXPECT_EQ(entry_of({"c", "0011", "n", "3"})->number, 3u);
    EXPECT_EQ(entry_of({"n", "77"})->kind, Entry::Kind::kGeneration);
}

TEST(BackplaneEntry, ReadsFactsThatHoldWithNewlinesInTheirKeys) {
    const auto fact = read_fact("t", "0011\n2\na\nb", "1", {});
    ASSERT_TRUE(fact);
    EXPECT_EQ(fact->host, "0011");
    EXPECT_EQ(fact->kind, 2u);
    EXPECT_EQ(fact->key, "a\nb");
    EXPECT_FALSE(read_fact("t", "0011\n2", "1", {}));
    EXPECT_FALSE(read_fact("t", "0011\nx\na", "1", {}));
    EXPECT_FALSE(read_fact("t", "0011\n1\na", "", {}));
}

Submission submission(wse_submit_token *token, size_t bytes, uint64_t now) {
    Submission it;
    it.token = token;
    it.message.payload = std::string(bytes, 'x');
    it.queued_at_ms = now;
    return it;
}

// Tokens are told apart by their address alone.
wse_submit_token *token(size_t number) {
    static char memory[16];
    return reinterpret_cast<wse_submit_token *>(&memory[number]);
}

TEST(BackplaneOutbox, TakesNoMoreThanTheBudgetOfAllShards) {
    Budget budget = {2, 100};
    Outbox first(budget);
    Outbox second(budget);
    EXPECT_TRUE(first.push(submission(token(0), 60, 0)));
    EXPECT_FALSE(second.push(submission(token(1), 60, 0)));
    EXPECT_TRUE(second.push(submission(token(1), 40, 0)));
    EXPECT_FALSE(first.push(submission(token(2), 0, 0)));
    const auto batch = first.take();
    EXPECT_FALSE(first.push(submission(token(2), 0, 0))) << "what is under way counts";
    first.done(batch);
    EXPECT_TRUE(first.push(submission(token(2), 60, 0)));
}

TEST(BackplaneOutbox, MakesBatchesOfSoManyAndSoLarge) {
    Budget budget = {1000, 1 << 30};
    Outbox outbox(budget);
    for (int i = 0; i < 130; ++i) outbox.push(submission(nullptr, 1, 0));
    outbox.push(submission(nullptr, 400'000, 0));
    outbox.push(submission(nullptr, 400'000, 0));
    EXPECT_EQ(outbox.take().size(), 128u);
    EXPECT_EQ(outbox.take().size(), 3u);
    EXPECT_EQ(outbox.take().size(), 1u);
    EXPECT_TRUE(outbox.take().empty());
    outbox.push(submission(nullptr, 1'000'000, 0));
    EXPECT_EQ(outbox.take().size(), 1u) << "one that is larger goes alone";
}

TEST(BackplaneOutbox, GivesUpWhatIsOldAndWhatIsTakenBack) {
    Budget budget = {10, 1000};
    Outbox outbox(budget);
    for (size_t i = 0; i < 4; ++i) outbox.push(submission(token(i), 1, i));
    EXPECT_TRUE(outbox.remove(token(2)));
    EXPECT_FALSE(outbox.remove(token(2)));
    const auto old = outbox.take_older(1);
    ASSERT_EQ(old.size(), 2u);
    EXPECT_EQ(old[0].token, token(0));
    EXPECT_EQ(outbox.size(), 1u);
    EXPECT_EQ(budget.used_messages, 1u);
    EXPECT_EQ(budget.used_bytes, 1u);
}

TEST(BackplaneBatch, NamesATopicOnceAndTheIdsThatWereGiven) {
    const wse_host host = {};
    Config config = {};
    config.stream_age_ms = 3'600'000;
    const Context context = {&host, config, Names("wse", 1), "one"};
    Batch batch;
    batch.facts.push_back({1, "t", "ada", "1", ""});
    for (const char *topic : {"t", "u", "t"}) {
        Submission it;
        it.message.topic = topic;
        it.message.id = "x";
        it.history_messages = batch.messages.size();
        batch.messages.push_back(std::move(it));
    }
    batch.messages[1].id_given = true;
    const auto words_of = [&] { return append_command(context, 0, {"run", "7"}, batch); };
    std::vector<std::string> words = words_of();
    const std::vector<std::string> keys(words.begin() + 3, words.begin() + 13);
    EXPECT_EQ(words[2], "10");
    EXPECT_EQ(keys,
              (std::vector<std::string>{"{wse:0}:n", "{wse:0}:s", "{wse:0}:w:one", "{wse:0}:F:one",
                                        "{wse:0}:t:t", "{wse:0}:h:t", "{wse:0}:t:u", "{wse:0}:h:u",
                                        "{wse:0}:f:t", "{wse:0}:i:u\nx"}));
    words.erase(words.begin(), words.begin() + 13);
    EXPECT_EQ(words[5], "0") << "it does not trim";
    EXPECT_EQ(words[9], "2");
    EXPECT_EQ(words[10], "t");
    EXPECT_EQ(words[12], "2") << "the history that the last message has";
    EXPECT_EQ(words[14], "u");
    batch.trims_by_age = true;
    EXPECT_EQ(words_of()[13 + 5], "3600000");
}

TEST(BackplaneBatch, ReadsOneAnswerForEachOperation) {
    Batch batch;
    batch.facts.resize(1);
    batch.canary = 1;
    batch.messages.resize(2);
    const auto appended = read_appended("17-0 - - 7:1 7:2", batch);
    ASSERT_TRUE(appended);
    EXPECT_EQ(appended->last, (EntryId{17, 0}));
    EXPECT_EQ(appended->places, (std::vector<Place>{{7, 1}, {7, 2}}));
    for (const char *wrong : {"", "17-0", "17-0 - - 7:1", "17-0 - - 7:1 7:2 7:3", "17-0 - 7:1 7:2",
                              "17-0 - - 7:1 7:0", "x - - 7:1 7:2"})
        EXPECT_FALSE(read_appended(wrong, batch)) << wrong;
}

TEST(BackplaneFacts, TellsEachAsItStandsAndAgainWhenRedisLostThem) {
    OwnFacts facts;
    facts.set({1, "t", "ada", "1", ""});
    facts.set({1, "t", "ada", "2", ""});
    facts.set({1, "t", "bob", "1", ""});
    auto news = facts.take(10);
    ASSERT_EQ(news.size(), 2u);
    EXPECT_EQ(news[0].value, "2");
    EXPECT_FALSE(facts.has_news());
    facts.set({1, "t", "bob", "", ""});
    EXPECT_EQ(facts.take(10).size(), 1u);
    facts.renew();
    news = facts.take(10);
    ASSERT_EQ(news.size(), 1u) << "what holds no more is gone";
    EXPECT_EQ(news[0].key, "ada");
}

TEST(BackplaneFacts, PutsBackWhatWasNotToldButNotOverWhatIsNewer) {
    OwnFacts facts;
    facts.set({1, "t", "ada", "1", ""});
    facts.set({1, "t", "bob", "", ""});
    const auto batch = facts.take(10);
    facts.set({1, "t", "ada", "2", ""});
    for (const Fact &fact : batch) facts.put_back(fact);
    const auto news = facts.take(10);
    ASSERT_EQ(news.size(), 2u);
    EXPECT_EQ(news[0].value, "2");
    EXPECT_EQ(news[1].value, "");
}

TEST(BackplaneSubjects, WaitInTheOrderOfTheirAnswersUntilTheyAreTold) {
    Subjects subjects;
    for (const char *name : {"a", "b", "c"}) subjects.add_topic(name, {}, 1);
    for (uint64_t i = 1; i <= 3; ++i) EXPECT_TRUE(subjects.next_unasked(i));
    EXPECT_FALSE(subjects.next_unasked(4));
    subjects.answer("b", {{2, 0}}, 1);
    subjects.answer("a", {{1, 0}}, 1);
    EXPECT_EQ(subjects.first_waiting()->name, "a");
    subjects.go_live("a");
    EXPECT_EQ(subjects.first_waiting()->name, "b");
    subjects.remove("b");
    EXPECT_FALSE(subjects.first_waiting());
    subjects.ask_unanswered_again();
    EXPECT_EQ(subjects.next_unasked(5), "a");
    EXPECT_EQ(subjects.next_unasked(6), "c");
}

TEST(BackplaneSubjects, AreAskedAboutOnceHoweverOftenTheyComeAndGo) {
    Subjects subjects;
    for (int i = 0; i < 3; ++i) {
        subjects.add_topic("a", {}, 1);
        subjects.add_topic("a", {}, 1);
        if (i < 2) subjects.remove("a");
    }
    EXPECT_EQ(subjects.unasked(), 1u);
    EXPECT_EQ(subjects.next_unasked(1), "a");
    EXPECT_FALSE(subjects.next_unasked(2));
}

TEST(BackplaneSubjects, KeepAnAnswerThatReachesBeyondAHole) {
    Subjects subjects;
    subjects.add_topic("a", {}, 1);
    subjects.add_pattern("x*");
    subjects.pattern_told("x*");
    subjects.next_unasked(1);
    subjects.answer("a", {{9, 0}}, 1);
    subjects.ask_unanswered_again();
    EXPECT_EQ(subjects.first_waiting()->name, "a");
    EXPECT_EQ(subjects.untold_pattern(), "x*");
    subjects.ask_all_again();
    EXPECT_FALSE(subjects.first_waiting());
    EXPECT_EQ(subjects.next_unasked(2), "a");
}

TEST(BackplaneNames, KeepAShardTogetherAndSpreadTopics) {
    const Names names("wse", 16);
    EXPECT_EQ(names.stream(3), "{wse:3}:s");
    EXPECT_EQ(names.id(3, "t", "x"), "{wse:3}:i:t\nx");
    EXPECT_EQ(names.shard_of("orders"), names.shard_of("orders"));
    std::vector<int> counts(16);
    for (int i = 0; i < 1600; ++i) ++counts[names.shard_of("user:" + std::to_string(i))];
    for (const int count : counts) EXPECT_GT(count, 50);
}

TEST(BackplaneIds, AreWhatTheySay) {
    EXPECT_EQ(random_host().size(), 16u);
    EXPECT_NE(random_host(), random_host());
    EXPECT_NE(random_epoch(), 0u);
    const std::string id = random_uuid(0x0123456789ab);
    EXPECT_EQ(id.size(), 36u);
    EXPECT_EQ(id.substr(0, 15), "01234567-89ab-7");
    EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos);
}

}  // namespace
}  // namespace wse::backplane_redis
