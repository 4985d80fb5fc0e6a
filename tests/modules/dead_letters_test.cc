// SPDX-License-Identifier: MIT
#include "parts/dead_letters.h"

#include "json_text/json_text.h"
#include "support/backplane_fixture.h"

namespace wse::backplane_redis::parts {
namespace {

using test::RedisServer;

constexpr uint32_t kCounter = 7;

class DeadLettersTest : public BackplaneTest {
protected:
    DeadLettersTest() : locator_(keep(make_locator(&loop_, {.url = server_.url()}))) {
        link_ = &link(locator_, "{wse}:");
        letters_ = &keep(std::make_unique<DeadLetters>(site_, *link_, kCounter));
        until([&] { return link_->is_up(); });
    }
    void add(const std::string &topic, const std::string &message, const std::string &reason) {
        const auto count = [&] { return server_.run({"XLEN", "{wse}:dlq:" + topic}); };
        const std::string before = count();
        letters_->add(topic, message, reason);
        until([&] { return count() != before; });
    }
    std::string ask(const std::string &request, int32_t wanted = WSE_OK) {
        std::string text;
        bool answered = false;
        letters_->command(request, [&](int32_t status, const std::string &answer) {
            EXPECT_FALSE(answered);
            EXPECT_EQ(status, wanted) << answer;
            answered = true;
            text = answer;
        });
        until([&] { return answered; });
        EXPECT_TRUE(wanted != WSE_OK || json_text::is_json(text)) << text;
        return text;
    }
    std::string id_of(const std::string &topic) {
        const std::string entries = server_.run({"XRANGE", "{wse}:dlq:" + topic, "-", "+"});
        return entries.substr(0, entries.find(' '));
    }

    RedisServer server_;
    Locator &locator_;
    Link *link_ = nullptr;
    DeadLetters *letters_ = nullptr;
};

bool has(const std::string &text, const std::string &part) {
    return text.find(part) != std::string::npos;
}

TEST_F(DeadLettersTest, ListsTopicsAndTheLettersOfOne) {
    EXPECT_EQ(ask(R"({"command":"dlq_list"})"), R"({"topics":[]})");
    add("orders", "{\"t\":\"x\"}", "was refused");
    add("orders", "\xff\"\n", "the event is not JSON");
    add("a \"b\"", "1", "the event is no object");
    const std::string topics = ask(R"({"command":"dlq_list"})");
    EXPECT_TRUE(has(topics, R"({"topic":"a \"b\"","count":1,"latest_ms":)")) << topics;
    EXPECT_TRUE(has(topics, R"({"topic":"orders","count":2,"latest_ms":)")) << topics;
    const std::string letters = ask(R"({"command":"dlq_list","topic":"orders"})");
    EXPECT_TRUE(has(letters, R"("reason":"was refused","bytes":9,"message":"{\"t\":\"x\"}"})"))
        << letters;
    EXPECT_TRUE(has(letters, R"("reason":"the event is not JSON","bytes":3,"message":"???"})"))
        << letters;
    EXPECT_LT(letters.find("not JSON"), letters.find("was refused")) << "the latest comes first";
    EXPECT_TRUE(has(letters, R"(],"more":false})"));
    EXPECT_TRUE(
        has(ask(R"({"command":"dlq_list","topic":"orders","limit":1})"), R"("more":true})"));
    EXPECT_EQ(host_->counters[kCounter], 3);
}

TEST_F(DeadLettersTest, ReplaysALetterOnceAndRemovesIt) {
    add("orders",
        R"({"event_type":"Placed","payload":{"n":1},"metadata":{"event_id":"e","priority":8}})",
        "was refused");
    const std::string request =
        R"({"command":"dlq_replay","topic":"orders","id":")" + id_of("orders") + "\"}";
    EXPECT_EQ(ask(request), R"({"replayed":1,"failed":[]})");
    ASSERT_EQ(host_->published.size(), 1u);
    const auto &message = host_->published[0];
    EXPECT_EQ(message.topic, "orders");
    EXPECT_EQ(message.type, "placed");
    EXPECT_EQ(message.payload, "{\"n\":1}");
    EXPECT_EQ(message.id, "e");
    EXPECT_EQ(message.priority, 8u);
    EXPECT_EQ(server_.run({"EXISTS", "{wse}:dlq:orders"}), "0");
    EXPECT_EQ(server_.run({"ZCARD", "{wse}:dlq"}), "0");
    EXPECT_EQ(ask(request), R"({"replayed":0,"failed":[]})");
}

TEST_F(DeadLettersTest, ReplaysAllInOrderAndKeepsThoseThatFail) {
    for (int i = 0; i < 40; ++i) letters_->add("t", "{\"p\":" + std::to_string(i) + "}", "r");
    letters_->add("t", "nonsense", "r");
    until([&] { return server_.run({"XLEN", "{wse}:dlq:t"}) == "41"; });
    host_->verdict = [](const FakeHost::Publication &it) {
        return it.payload == "7" ? WSE_EAGAIN : WSE_OK;
    };
    const std::string answer = ask(R"({"command":"dlq_replay","topic":"t","id":"all"})");
    EXPECT_TRUE(has(answer, R"({"replayed":39,"failed":[{)")) << answer;
    EXPECT_TRUE(has(answer, R"("problem":"was refused: temporarily unavailable"})")) << answer;
    EXPECT_TRUE(has(answer, R"("problem":"the event is not JSON"})")) << answer;
    ASSERT_EQ(host_->published.size(), 39u);
    for (size_t i = 0; i < 39; ++i)
        EXPECT_EQ(host_->published[i].payload, std::to_string(i < 7 ? i : i + 1));
    // A letter without an id is replayed under that of its entry, always the same.
    EXPECT_TRUE(host_->published[0].id.starts_with("dlq-"));
    EXPECT_EQ(server_.run({"XLEN", "{wse}:dlq:t"}), "2");
}

TEST_F(DeadLettersTest, DropsOneOrAll) {
    for (int i = 0; i < 3; ++i) add("t", std::to_string(i), "r");
    EXPECT_EQ(ask(R"({"command":"dlq_drop","topic":"t","id":")" + id_of("t") + "\"}"),
              R"({"dropped":1})");
    EXPECT_EQ(server_.run({"XLEN", "{wse}:dlq:t"}), "2");
    EXPECT_EQ(ask(R"({"command":"dlq_drop","topic":"t","id":"all"})"), R"({"dropped":2})");
    EXPECT_EQ(server_.run({"ZCARD", "{wse}:dlq"}), "0");
    EXPECT_EQ(ask(R"({"command":"dlq_drop","topic":"none","id":"all"})"), R"({"dropped":0})");
}

TEST_F(DeadLettersTest, SaysWhatIsWrongWithACommand) {
    EXPECT_EQ(ask(R"({"command":"dlq_drop","id":"all"})", WSE_EINVAL), "topic: is wanted");
    EXPECT_EQ(ask(R"({"command":"dlq_replay","topic":"t"})", WSE_EINVAL),
              "id: is neither that of a letter nor \"all\"");
    EXPECT_EQ(ask(R"({"command":"dlq_replay","topic":"t","id":"1"})", WSE_EINVAL),
              "id: is neither that of a letter nor \"all\"");
    EXPECT_EQ(ask(R"({"command":"dlq_list","limit":0})", WSE_EINVAL),
              "limit: no number of at least 1");
    EXPECT_EQ(ask("[]", WSE_EINVAL), "the request is no JSON object");
    EXPECT_TRUE(DeadLetters::takes("dlq_list") && DeadLetters::takes("dlq_drop"));
    EXPECT_FALSE(DeadLetters::takes("status"));
}

TEST_F(DeadLettersTest, CutsAMessageThatIsTooLarge) {
    add("t", std::string(DeadLetters::kMaxMessage + 1, 'x'), "r");
    const std::string letters = ask(R"({"command":"dlq_list","topic":"t"})");
    EXPECT_TRUE(
        has(letters,
            R"("reason":"r; cut from 65537 bytes, so that it cannot be replayed","bytes":65536,)"));
    EXPECT_LT(letters.size(), 6000u) << "a list shows the beginning";
}

TEST_F(DeadLettersTest, PutsATopicThatIsNoneIntoTheStreamOfTheOthers) {
    letters_->add(std::string(DeadLetters::kMaxTopic + 1, 't'), "{}", "r");
    until([&] { return server_.run({"XLEN", "{wse}:dlq:(others)"}) == "1"; });
    EXPECT_TRUE(has(ask(R"-({"command":"dlq_list","topic":"(others)"})-"),
                    R"-("topic":"(others)","reason":"r; its topic has 513 bytes")-"));
}

TEST_F(DeadLettersTest, KeepsTheLatestThousandOfATopic) {
    for (int i = 0; i <= 1000; ++i) {
        letters_->move("t", std::to_string(i), "r", std::to_string(i), nullptr);
    }
    until([&] {
        return server_.run({"XREVRANGE", "{wse}:dlq:t", "+", "-", "COUNT", "1"})
                   .find("message 1000 ") != std::string::npos;
    });
    EXPECT_EQ(server_.run({"XLEN", "{wse}:dlq:t"}), "1000");
    EXPECT_TRUE(has(server_.run({"XRANGE", "{wse}:dlq:t", "-", "+", "COUNT", "1"}), "message 1 "));
}

TEST_F(DeadLettersTest, KeepsALetterOnceWhoseAnswerIsLost) {
    int kept = 0;
    server_.freeze();
    letters_->move("t", "1", "r", "source", [&] { ++kept; });
    letters_->add("t", "2", "r");
    until([&] { return !link_->is_up(); });
    server_.thaw();  // and does what it was asked for on the connection that was given up
    until([&] { return server_.run({"XLEN", "{wse}:dlq:t"}) == "2"; });
    EXPECT_EQ(kept, 1);
    letters_->move("t", "1", "r", "source", [&] { ++kept; });
    until([&] { return kept == 2; });
    EXPECT_EQ(server_.run({"XLEN", "{wse}:dlq:t"}), "2");
}

TEST_F(DeadLettersTest, PutsFurtherTopicsIntoOneStream) {
    for (size_t i = 0; i < DeadLetters::kMaxTopics; ++i)
        server_.run({"ZADD", "{wse}:dlq", "9999999999999", "known " + std::to_string(i)});
    letters_->add("unknown", "{\"p\":1}", "r");
    until([&] { return server_.run({"XLEN", "{wse}:dlq:(others)"}) == "1"; });
    add("known 3", "1", "r");
    EXPECT_EQ(ask(R"-({"command":"dlq_replay","topic":"(others)","id":"all"})-"),
              R"({"replayed":1,"failed":[]})");
    EXPECT_EQ(host_->published[0].topic, "unknown");
}

TEST_F(DeadLettersTest, KeepsTheLatestAndForgetsThoseOfLastWeek) {
    server_.run({"XADD", "{wse}:dlq:t", "1000-0", "topic", "t", "message", "1", "reason", "r"});
    server_.run({"ZADD", "{wse}:dlq", "1000", "old"});
    letters_->add("t", "2", "r");
    until([&] { return server_.run({"ZSCORE", "{wse}:dlq", "t"}) != "nil"; });
    EXPECT_EQ(server_.run({"XLEN", "{wse}:dlq:t"}), "1");
    EXPECT_EQ(server_.run({"ZSCORE", "{wse}:dlq", "old"}), "nil");
    EXPECT_EQ(server_.run({"PTTL", "{wse}:dlq:t"}).size(), std::string("604800000").size());
}

TEST_F(DeadLettersTest, KeepsSomeWhileRedisIsAwayAndBoundsThem) {
    server_.stop();
    until([&] { return !link_->is_up(); });
    for (int i = 0; i < 300; ++i) letters_->add("t", "x", "r");
    const size_t lost = host_->lines.find("dead_letter.lost problem=\"too many\" count=1\n");
    EXPECT_NE(lost, std::string::npos);
    EXPECT_EQ(host_->lines.find("dead_letter.lost", lost + 1), std::string::npos) << "told once";
    EXPECT_EQ(ask(R"({"command":"dlq_list"})", WSE_EAGAIN), "there is no connection to Redis");
    server_.start();
    until([&] { return server_.run({"XLEN", "{wse}:dlq:t"}) == "256"; });
}

TEST_F(DeadLettersTest, AnswersACommandThatTheEndOvertakes) {
    add("t", "{\"p\":1}", "r");
    host_->verdict = [](const FakeHost::Publication &) { return WSE_ECANCELED; };
    auto letters = std::make_unique<DeadLetters>(site_, *link_, kCounter);
    int answers = 0;
    letters->command(R"({"command":"dlq_replay","topic":"t","id":"all"})",
                     [&](int32_t status, const std::string &) {
                         ++answers;
                         EXPECT_EQ(status, WSE_ECANCELED);
                     });
    bool closed = false;
    letters->close([&] { closed = true; });
    EXPECT_EQ(answers, 1);
    until([&] { return closed; });
}

}  // namespace
}  // namespace wse::backplane_redis::parts
