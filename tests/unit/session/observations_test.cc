// SPDX-License-Identifier: MIT
// What a session tells observers of itself.
#include "support/session_fixture.h"

namespace wse::test {
namespace {

constexpr uint32_t kAll = ~uint32_t{0};

const char *name_of(uint32_t event) {
    switch (event) {
        case WSE_OBSERVE_OPEN:
            return "open";
        case WSE_OBSERVE_CLOSE:
            return "close";
        case WSE_OBSERVE_REFUSED:
            return "refused";
        case WSE_OBSERVE_SUBSCRIBE:
            return "subscribe";
        case WSE_OBSERVE_UNSUBSCRIBE:
            return "unsubscribe";
        default:
            return event == WSE_OBSERVE_PUBLISH ? "publish" : "?";
    }
}

// Keeps them as "<event> <connection> <user> <peer> <listener> <topic> <detail> <number>".
class Heard final : public module::Observations {
public:
    using Observations::Observations;
    void add(const module::Observation &one) override {
        std::string line = name_of(one.event);
        for (const auto &text :
             {one.connection, one.user, one.peer, one.listener, one.topic, one.detail})
            line += ' ' + (text.empty() ? "-" : std::string(text));
        lines.push_back(line + ' ' + std::to_string(one.number));
        times.push_back(one.time_ms);
    }

    std::vector<std::string> lines;
    std::vector<uint64_t> times;
};

using Lines = std::vector<std::string>;

class Observing : public SessionFixture {
protected:
    Observing() { listen(kAll); }
    void listen(uint32_t mask) {
        heard = std::make_unique<Heard>(mask);
        context.observations = heard.get();
    }
    void publish_as_client(const std::string &topic) {
        say(R"({"t":"publish","p":{"topic":")" + topic + R"(","type":"news","payload":{"a":1}}})");
    }
    Lines take() { return std::exchange(heard->lines, {}); }

    std::unique_ptr<Heard> heard;
};

TEST_F(Observing, TellsOfAClientFromItsOpeningToItsEnd) {
    session::Session &session = open();
    EXPECT_EQ(heard->times.at(0), clock.wall_ms());
    say(R"({"t":"subscription_update","p":{"action":"subscribe","topics":["open:a","open:*"]}})");
    say(R"({"t":"subscription_update","p":{"action":"unsubscribe","topics":["open:a","open:x"]}})");
    publish_as_client("open:b");
    session.close(4000, "enough");
    session.on_closed({4000, false, "enough"});
    EXPECT_EQ(take(), (Lines{"open conn alice 192.0.2.1 main - - 0",
                             "subscribe conn alice 192.0.2.1 main open:a - 0",
                             "subscribe conn alice 192.0.2.1 main open:* - 0",
                             "unsubscribe conn alice 192.0.2.1 main open:a - 0",
                             "publish conn alice 192.0.2.1 main open:b news 7",
                             "unsubscribe conn alice 192.0.2.1 main open:* - 0",
                             "close conn alice 192.0.2.1 main - enough 4000"}));
}

TEST_F(Observing, TellsWhichQueueGroupASubscriptionIsIn) {
    open();
    say(R"({"t":"subscription_update",
            "p":{"action":"subscribe","topics":["open:a"],"queue_group":"workers"}})");
    EXPECT_EQ(take().back(), "subscribe conn alice 192.0.2.1 main open:a workers 0");
}

TEST_F(Observing, TellsOfRefusedClientsAndWhy) {
    connect();
    auth.answer(Error{WSE_EDENIED, ""});
    handler->on_closed({4401, false, ""});
    EXPECT_EQ(take(), (Lines{"refused conn - 192.0.2.1 main - AUTH_FAILED 0"}));
    connect();
    auth.answer(Error{WSE_ETIMEDOUT, ""});
    EXPECT_EQ(take(), (Lines{"refused conn - 192.0.2.1 main - UNAVAILABLE 0"}));
}

TEST_F(Observing, TellsOfRefusedOrigins) {
    connect();
    take();
    const net::RequestHead head{
        "GET", "/wse", "", {{"host", "h"}, {"origin", "https://elsewhere.example"}}};
    EXPECT_EQ(gate->admit(head, {"192.0.2.7", 1}).status, 403);
    EXPECT_EQ(take(), (Lines{"refused - - 192.0.2.7 main - ORIGIN_NOT_ALLOWED 0"}));
}

TEST_F(Observing, TellsNothingOfWhatWasNotDone) {
    open();
    take();
    say(R"({"t":"subscription_update","p":{"action":"subscribe","topics":["hidden"]}})");
    publish_as_client("hidden");
    inbox_full = true;
    publish_as_client("open:b");
    EXPECT_EQ(take(), Lines{});
}

TEST_F(Observing, TellsOfPublishesUnderWayBeforeTheEndOfTheirSender) {
    session::Session &session = open();
    take();
    // Without say(), the hub's answers do not arrive.
    for (const char *topic : {"open:1", "open:2", "open:3"})
        session.on_text(R"({"t":"publish","p":{"topic":")" + std::string(topic) +
                        R"(","type":"news","payload":{}}})");
    session.on_closed({1006, false, ""});
    EXPECT_EQ(take(), (Lines{"publish conn alice 192.0.2.1 main open:1 news 2",
                             "publish conn alice 192.0.2.1 main open:2 news 2",
                             "publish conn alice 192.0.2.1 main open:3 news 2",
                             "close conn alice 192.0.2.1 main - - 1006"}));
    pump();
    EXPECT_EQ(take(), Lines{});
}

TEST_F(Observing, TellsOnlyWhatIsWanted) {
    listen(WSE_OBSERVE_OPEN | WSE_OBSERVE_PUBLISH);
    session::Session &session = open();
    say(R"({"t":"subscription_update","p":{"action":"subscribe","topics":["open:a"]}})");
    publish_as_client("open:a");
    session.on_closed({1006, false, ""});
    EXPECT_EQ(take(), (Lines{"open conn alice 192.0.2.1 main - - 0",
                             "publish conn alice 192.0.2.1 main open:a news 7"}));
}

TEST_F(Observing, WorksWithoutAnyObserver) {
    context.observations = nullptr;
    session::Session &session = open();
    publish_as_client("open:a");
    session.on_closed({1006, false, ""});
    EXPECT_EQ(take(), Lines{});
}

}  // namespace
}  // namespace wse::test
