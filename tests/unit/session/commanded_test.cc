// SPDX-License-Identifier: MIT
// What is done to a session in its client's place.
#include "support/reader_fixture.h"

namespace wse::session {
namespace {

class CommandedTest : public test::ReaderFixture {
protected:
    Session &session() { return static_cast<Session &>(*handler); }
    // The topics that were refused.
    std::vector<std::string> change(const std::string &payload, bool reached = true) {
        std::vector<proto::FailedTopic> refused;
        EXPECT_EQ(session().change_subscriptions(payload, refused), reached);
        std::vector<std::string> topics;
        for (const auto &one : refused) topics.push_back(one.topic);
        return topics;
    }
};

TEST_F(CommandedTest, SubscribesAsTheClientItself) {
    open();
    auth.denied_topic = "denied";
    EXPECT_EQ(change(R"({"action":"subscribe","topics":["a","denied","b\u0000"]})"),
              (std::vector<std::string>{"denied"}));
    const Lines told = lines();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_TRUE(told[0].starts_with("ack a -")) << told[0];
    EXPECT_TRUE(session().is_subscribed("a"));
    change(R"({"action":"unsubscribe"})");
    EXPECT_EQ(lines(), (Lines{"unsubscribed"}));
    EXPECT_FALSE(session().is_subscribed("a"));
}

TEST_F(CommandedTest, WaitsForTheHello) {
    connect();
    change(R"({"action":"subscribe","topics":["a"]})", false);
    auth.answer(module::Identity{"alice", "", 0});
    change(R"({"action":"subscribe","topics":["a"]})");
    EXPECT_FALSE(session().is_subscribed("a"));
    say(R"({"t":"client_hello","p":{}})");
    EXPECT_TRUE(session().is_subscribed("a"));
    session().close(4000, "");
    change(R"({"action":"subscribe","topics":["b"]})", false);
}

TEST_F(CommandedTest, HoldsBackNoMoreThanItHasRoomFor) {
    connect();
    auth.answer(module::Identity{"alice", "", 0});
    size_t refused = 0;
    for (int count = 0; count < 100; ++count)
        refused += change(R"({"action":"subscribe","topics":["a"]})").size();
    EXPECT_EQ(refused, 36U);
}

TEST_F(CommandedTest, AnAclTakesRightsAndGivesNone) {
    open();
    change(R"({"action":"subscribe","topics":["kept"]})");
    TokenTopics acl{.has_allow = true, .allow = {"a*", "denied"}, .deny = {"ab"}};
    auth.denied_topic = "denied";
    EXPECT_TRUE(session().set_acl(acl));
    EXPECT_EQ(change(R"({"action":"subscribe","topics":["a","ab","b","denied"]})"),
              (std::vector<std::string>{"ab", "b", "denied"}));
    EXPECT_TRUE(session().is_subscribed("kept"));
    EXPECT_TRUE(session().set_acl({}));
    EXPECT_EQ(change(R"({"action":"subscribe","topics":["b"]})"), std::vector<std::string>{});
    session().close(4000, "");
    EXPECT_FALSE(session().set_acl({}));
}

}  // namespace
}  // namespace wse::session
