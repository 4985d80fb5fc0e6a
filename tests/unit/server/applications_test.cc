// SPDX-License-Identifier: MIT
#include "server/applications.h"

#include <gtest/gtest.h>

#include <deque>

#include "module/bytes.h"
#include "proto/codes.h"
#include "support/fake_inbox.h"
#include "support/session_fixture.h"

namespace wse::server {
namespace {

using Lines = std::vector<std::string>;
using module::to_bytes;

// Sessions with a real hub; the service loop is turned by the test.
class ApplicationsTest : public test::SessionFixture {
protected:
    ApplicationsTest() {
        settings->limits.rate_capacity = 1000;
        settings->limits.max_topics_per_request = 10;
        settings->app = {.queue_messages = 4, .queue_bytes = 4096, .max_bytes = 8192, .batch = 100};
        begin({{"app", ~uint32_t{0}}});
    }
    ~ApplicationsTest() override { handler.reset(); }

    void begin(const std::vector<std::pair<std::string, uint32_t>> &names) {
        handler.reset();
        context.apps = nullptr;
        apps.reset();
        inboxes.clear();
        std::vector<std::unique_ptr<module::AppInbox>> owned;
        for (const auto &[name, mask] : names) {
            auto inbox = std::make_unique<test::FakeInbox>(name, mask);
            inboxes.push_back(inbox.get());
            owned.push_back(std::move(inbox));
        }
        apps = std::make_unique<Applications>(
            service, *settings, clock, service_counters, std::move(owned),
            [this](hub::LoopIndex, Applications::Task task) { tasks.push_back(std::move(task)); });
        context.apps = apps->make_way(0);
        apps->make_way(1);
    }
    // What was posted arrives, there and here.
    void turn() {
        for (int round = 0; round < 3; ++round) {
            while (!tasks.empty()) {
                auto task = std::move(tasks.front());
                tasks.pop_front();
                task(context);
            }
            pump();
            uv_run(service.uv(), UV_RUN_NOWAIT);
        }
    }
    void pass(uint64_t ms) {
        clock.advance(ms);
        service.timers().advance(clock.monotonic_ms());
        turn();
    }
    // All that was told, without the connection's data.
    void enter() {
        open();
        turn();
        while (app().has_batch()) app().take();
        app().heard();
    }
    test::FakeInbox &app(size_t i = 0) { return *inboxes[i]; }
    void message(const std::string &type, size_t bytes = 0) {
        say(R"({"t":")" + type + R"(","p":{"x":")" + std::string(bytes, 'x') + "\"}}");
    }
    int32_t command(uint32_t kind, const std::string &whose, const std::string &topic = "",
                    const std::string &data = "") {
        wse_app_command command{};
        command.struct_size = sizeof command;
        command.command = kind;
        command.connection = to_bytes(whose);
        command.topic = to_bytes(topic);
        command.data = to_bytes(data);
        return apps->command("app", command, [this](int32_t status, std::string_view answer) {
            answers.push_back(std::to_string(status) +
                              (answer.empty() ? "" : ' ' + std::string(answer)));
        });
    }
    std::string last_code() {
        const auto all = replies();
        return all.empty() ? "" : code(all.back());
    }

    Counters service_counters;
    Loop service{"service", clock};
    std::deque<Applications::Task> tasks;
    std::vector<test::FakeInbox *> inboxes;
    std::unique_ptr<Applications> apps;
    Lines answers;
};

TEST_F(ApplicationsTest, TellWhatAClientDoesInItsOrder) {
    open();
    message("order");
    say("hello");
    handler->on_closed({.code = 4001, .by_peer = true, .text = "bye"});
    turn();
    EXPECT_EQ(app().heard(),
              (Lines{"connect:conn:{\"peer\":\"192.0.2 message:conn:order:{\"x\":\"\"} "
                     "text:conn:hello disconnect:conn:bye:4001"}));
}

TEST_F(ApplicationsTest, TellTheEndOfWhoNeverClosed) {
    enter();
    handler.reset();
    turn();
    EXPECT_EQ(app().heard(), (Lines{"disconnect:conn:1006"}));
}

TEST_F(ApplicationsTest, TellEachWhatItWants) {
    begin(
        {{"all", ~uint32_t{0}}, {"ends", module::app_bit(WSE_APP_EVENT_DISCONNECT)}, {"none", 0}});
    open();
    message("order");
    handler->on_closed({});
    turn();
    EXPECT_EQ(app(0).heard().size(), 1U);
    EXPECT_EQ(app(1).heard(), (Lines{"disconnect:conn:1006"}));
    EXPECT_EQ(app(2).heard(), Lines{});
}

TEST_F(ApplicationsTest, TellThoseThatTheListenerNames) {
    settings->listeners[0].app = {"second"};
    begin({{"first", ~uint32_t{0}}, {"second", ~uint32_t{0}}});
    open();
    message("order");
    turn();
    EXPECT_EQ(app(0).heard(), Lines{});
    EXPECT_EQ(app(1).heard().size(), 1U);
}

TEST_F(ApplicationsTest, OfAListenerThatNamesNoneHearNothingAndSteerAllTheSame) {
    settings->listeners[0].app = {};
    begin({{"app", ~uint32_t{0}}});
    open();
    message("order");
    EXPECT_EQ(last_code(), proto::error::kUnknownType);
    turn();
    EXPECT_EQ(app().heard(), Lines{});
    command(WSE_APP_SEND_TEXT, "conn", "", "hi");
    turn();
    EXPECT_EQ(connection.take(), (Lines{"hi"}));
}

TEST_F(ApplicationsTest, RefuseMessagesOverTheBoundOfTheirConnection) {
    enter();
    for (int i = 0; i < 5; ++i) message("order");
    EXPECT_EQ(last_code(), proto::error::kBackendBusy);
    EXPECT_EQ(counters.read(Counter::app_refused), 1U);
    turn();
    message("order");
    EXPECT_EQ(last_code(), proto::error::kBackendBusy) << "delivered is not taken";
    app().take();
    message("order");
    EXPECT_EQ(last_code(), "");
}

TEST_F(ApplicationsTest, RefuseMessagesOverTheBytesOfTheirConnection) {
    enter();
    message("order", 3000);
    message("order", 3000);
    EXPECT_EQ(last_code(), proto::error::kBackendBusy);
    turn();
    app().take();
    message("order", 6000);
    EXPECT_EQ(last_code(), "") << "one is taken however large it is";
}

TEST_F(ApplicationsTest, RefuseMessagesOverTheBytesOfAll) {
    enter();
    for (int i = 0; i < 30; ++i)
        apps->tell_presence({hub::Presence::Kind::kJoin, "room", "ann", std::string(200, 'x')});
    message("order");
    EXPECT_EQ(last_code(), proto::error::kBackendBusy);
    for (int i = 0; i < 30; ++i)
        apps->tell_presence({hub::Presence::Kind::kJoin, "room", "ann", std::string(200, 'x')});
    EXPECT_TRUE(context.apps->is_full());
    say(R"({"t":"subscription_update","p":{"action":"subscribe","topics":["open"]}})");
    EXPECT_EQ(subscribers("open"), 0U);
    turn();
    app().take();
    EXPECT_FALSE(context.apps->is_full());
    message("order");
    EXPECT_EQ(last_code(), "");
}

TEST_F(ApplicationsTest, NeverDropTheEnd) {
    enter();
    for (int i = 0; i < 9; ++i) message("order", 3000);
    handler->on_closed({});
    turn();
    app().fail();
    pass(120);
    app().take();
    const Lines heard = app().heard();
    EXPECT_TRUE(heard.back().ends_with("disconnect:conn:1006"));
}

TEST_F(ApplicationsTest, ASlowOneHoldsNobodyElseUpButRefuses) {
    begin({{"slow", ~uint32_t{0}}, {"quick", ~uint32_t{0}}});
    open();
    turn();
    app(1).take();
    for (int i = 0; i < 4; ++i) message("order");
    turn();
    EXPECT_EQ(app(1).heard().size(), 2U);
    app(1).take();
    message("order");
    EXPECT_EQ(last_code(), proto::error::kBackendBusy) << "no event goes to some of them alone";
}

TEST_F(ApplicationsTest, TellWhoIsPresent) {
    EXPECT_TRUE(apps->wants_presence());
    apps->tell_presence({hub::Presence::Kind::kJoin, "room", "ann", R"({"a":1})"});
    apps->tell_presence({hub::Presence::Kind::kLeave, "room", "ann", R"({"a":1})"});
    turn();
    EXPECT_EQ(app().heard(), (Lines{R"(join:room:{"a":1} leave:room:{"a":1})"}));
    begin({{"app", module::app_bit(WSE_APP_EVENT_CONNECT)}});
    EXPECT_FALSE(apps->wants_presence());
}

TEST_F(ApplicationsTest, SteerInOrderAndTellHowItWent) {
    enter();
    EXPECT_EQ(command(WSE_APP_SEND_TEXT, "conn", "", "one"), WSE_OK);
    EXPECT_EQ(command(WSE_APP_SUBSCRIBE, "conn", "news"), WSE_OK);
    EXPECT_EQ(command(WSE_APP_SEND_TEXT, "conn", "", "two"), WSE_OK);
    EXPECT_EQ(answers, Lines{}) << "never inside the call";
    turn();
    EXPECT_EQ(answers, (Lines{"0", "0", R"(0 {"subscribed":["news"],"failed":[]})"}));
    const Lines sent = connection.take();
    ASSERT_EQ(sent.size(), 3U);
    EXPECT_EQ(sent[0], "one");
    EXPECT_EQ(sent[1], "two");
    EXPECT_EQ(app().heard(), (Lines{"subscribe:conn:news"}));
}

TEST_F(ApplicationsTest, SayWhoHasGone) {
    enter();
    EXPECT_EQ(command(WSE_APP_SEND_TEXT, "nobody", "", "x"), WSE_OK);
    handler->on_closed({});
    EXPECT_EQ(command(WSE_APP_SEND_TEXT, "conn", "", "x"), WSE_OK) << "the end is on its way";
    turn();
    EXPECT_EQ(command(WSE_APP_CLOSE, "conn"), WSE_OK);
    turn();
    const std::string gone = std::to_string(WSE_ENOTFOUND);
    EXPECT_EQ(answers, (Lines{gone, gone, gone}));
}

TEST_F(ApplicationsTest, RefuseCommandsThatAreNone) {
    enter();
    EXPECT_EQ(command(99, "conn"), WSE_EINVAL);
    turn();
    EXPECT_EQ(answers, Lines{});
}

TEST_F(ApplicationsTest, BoundTheCommandsUnderWay) {
    settings->limits.max_message_size = 64 << 20;
    enter();
    const std::string large(10 << 20, 'x');
    EXPECT_EQ(command(WSE_APP_SEND_TEXT, "conn", "", large), WSE_OK);
    EXPECT_EQ(command(WSE_APP_SEND_TEXT, "conn", "", large), WSE_EAGAIN);
    turn();
    EXPECT_EQ(command(WSE_APP_SEND_TEXT, "conn", "", "x"), WSE_OK);
    turn();
}

TEST_F(ApplicationsTest, ShowWhatWaits) {
    open();
    message("order");
    turn();
    const auto rows = apps->rows();
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].name, "app");
    EXPECT_EQ(rows[0].events, 2U);
    EXPECT_GT(rows[0].bytes, 0U);
    EXPECT_FALSE(rows[0].is_away);
    app().fail();
    EXPECT_TRUE(apps->rows()[0].is_away);
}

TEST_F(ApplicationsTest, DeliverTheRestBeforeTheEnd) {
    enter();
    message("order");
    handler->on_closed({});
    apps->begin_finish();
    turn();
    app().take();
    service.start();
    EXPECT_TRUE(apps->wait_finished(60'000));
    service.stop();
    EXPECT_EQ(service_counters.read(Counter::app_lost), 0U);
}

TEST_F(ApplicationsTest, EndWithoutAnApplicationThatStandsStill) {
    enter();
    message("order");
    handler->on_closed({});
    apps->begin_finish();
    turn();
    pass(settings->limits.close_timeout_ms + 20);
    service.start();
    EXPECT_TRUE(apps->wait_finished(60'000));
    service.stop();
    EXPECT_EQ(service_counters.read(Counter::app_lost), 2U);
}

}  // namespace
}  // namespace wse::server
