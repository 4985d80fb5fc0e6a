// SPDX-License-Identifier: MIT
#include "server/control_hub.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>

#include "support/fake_shaper.h"

namespace wse::server {
namespace {

const hub::TopicPolicy &keep_nothing(std::string_view) {
    static const hub::TopicPolicy kNothing;
    return kNothing;
}

class FakeReply final : public admin::Reply {
public:
    void ok(std::string_view json) override { lines->push_back("ok " + std::string(json)); }
    void fail(std::string_view code, std::string_view) override {
        lines->push_back("fail " + std::string(code));
    }
    bool event(std::string_view json) override {
        lines->push_back("event " + std::string(json));
        return true;
    }
    void on_gone(std::function<void()> callback) override { gone = std::move(callback); }

    std::vector<std::string> *lines = nullptr;
    std::function<void()> gone;
};

// The service loop and the hub are real but turned by hand: deliveries are taken one run at a time.
class ControlHubTest : public testing::Test {
protected:
    ControlHubTest() {
        limits.max_publish_size = 100;
        limits.max_topic_length = 20;
        hub.attach({port.get()});
        hub.start();
    }
    ~ControlHubTest() override {
        hub.stop();
        port.reset();
    }

    Ref<FakeReply> make_reply() {
        auto reply = make_ref<FakeReply>();
        reply->lines = &lines;
        return reply;
    }
    using Command = void (ControlHub::*)(const admin::Args &, const Ref<admin::Reply> &);
    void run(Command command, const std::string &args, const Ref<FakeReply> &reply) {
        auto document = JsonDocument::parse(args);
        ASSERT_TRUE(document) << args;
        (control.*command)(admin::Args(document->root(), args), Ref<admin::Reply>(reply.get()));
    }
    // Waits until the hub has done all it was told, then takes what it sent.
    void settle() {
        std::promise<void> done;
        hub.ask([&done](const hub::Hub &) { done.set_value(); });
        done.get_future().wait();
        hub.stop();
        uv_run(loop.uv(), UV_RUN_NOWAIT);
        hub.start();
    }
    uint32_t subscribers(const std::string &topic) {
        std::promise<uint32_t> count;
        hub.ask([&](const hub::Hub &core) {
            const auto row = core.row(topic);
            count.set_value(row ? row->subscribers[0] : 0);
        });
        return count.get_future().get();
    }

    SystemClock clock;
    config::Limits limits;
    Counters counters;
    Loop loop{"service", clock};
    HubThread hub{clock, {.loops = 1}, keep_nothing, 1};
    ControlHub control{0, clock, limits, hub, counters};
    std::unique_ptr<HubPort> port =
        std::make_unique<HubPort>(loop, [this](Delivery &delivery) { control.take(delivery); });
    std::vector<std::string> lines;
};

TEST_F(ControlHubTest, AnswersAPublishWithItsPosition) {
    run(&ControlHub::publish, R"({"topic":"a","payload":{"x":1},"id":"m"})", make_reply());
    settle();
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_TRUE(lines[0].starts_with(R"(ok {"topic":"a","epoch":")")) << lines[0];
    EXPECT_NE(lines[0].find(R"("offset":1,"id":"m")"), std::string::npos) << lines[0];
}

TEST_F(ControlHubTest, PublishesOnceUnderAnIdempotencyKey) {
    for (const char *args : {R"({"topic":"a","idempotency_key":"k"})", R"({"topic":"a","id":"k"})",
                             R"({"topic":"a","idempotency_key":"k"})",
                             R"({"topic":"a","id":"other","idempotency_key":"k"})"})
        run(&ControlHub::publish, args, make_reply());
    settle();
    ASSERT_EQ(lines.size(), 4U);
    EXPECT_EQ(lines[1], lines[0]);
    EXPECT_EQ(lines[2], lines[0]);
    EXPECT_NE(lines[3].find(R"("offset":2,"id":"other")"), std::string::npos) << lines[3];
}

TEST_F(ControlHubTest, AsksTheModulesAboutAPublish) {
    int32_t status = WSE_OK;
    session::Shapers shapers;
    shapers.push_back(
        std::make_unique<test::FakeShaper>([&](const module::Event &, module::Shaping &shaping) {
            shaping.type = "shaped";
            return status;
        }));
    control.set_shapers(std::move(shapers), config::OnFailure::kDrop);
    for (const int32_t each : {WSE_EDENIED, WSE_EIO, WSE_OK}) {
        status = each;
        run(&ControlHub::publish, R"({"topic":"a","id":"m"})", make_reply());
    }
    settle();
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_EQ(lines[0], R"(ok {"topic":"a","epoch":"00000000","offset":0,"id":"m"})");
    EXPECT_EQ(lines[1], "fail denied");
    EXPECT_NE(lines[2].find(R"("offset":1)"), std::string::npos) << lines[2];
}

TEST_F(ControlHubTest, RefusesABadPublish) {
    for (const char *args : {"{}", R"({"topic":"a*"})", R"({"topic":"a","type":"server_ready"})"})
        run(&ControlHub::publish, args, make_reply());
    EXPECT_EQ(lines, (std::vector<std::string>(3, "fail invalid")));
    EXPECT_EQ(counters.read(Counter::publish_refused), 3U);
}

TEST_F(ControlHubTest, StreamsEventsByteForByteInOrder) {
    run(&ControlHub::subscribe, R"({"topics":["a","b","a"]})", make_reply());
    settle();
    EXPECT_EQ(lines, (std::vector<std::string>{R"(event {"subscribed":["a","b"]})"}));
    lines.clear();
    const auto publisher = make_reply();
    std::vector<std::string> ignored;
    publisher->lines = &ignored;
    run(&ControlHub::publish, R"({"topic":"b","payload":{"x": 1.10}})", publisher);
    run(&ControlHub::publish, R"({"topic":"c"})", publisher);
    run(&ControlHub::publish, R"({"topic":"a","payload":7})", publisher);
    settle();
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_NE(lines[0].find(R"("payload":{"x": 1.10})"), std::string::npos) << lines[0];
    EXPECT_NE(lines[1].find(R"("payload":{"data":7})"), std::string::npos) << lines[1];
}

TEST_F(ControlHubTest, LeavesItsTopicsWhenTheClientGoes) {
    const auto reply = make_reply();
    run(&ControlHub::subscribe, R"({"topics":["a"]})", reply);
    settle();
    EXPECT_EQ(subscribers("a"), 1U);
    reply->gone();
    EXPECT_EQ(subscribers("a"), 0U);
}

TEST_F(ControlHubTest, LeavesItsTopicsWhenTheClientGoesBeforeTheHubAnswers) {
    const auto reply = make_reply();
    run(&ControlHub::subscribe, R"({"topics":["a"]})", reply);
    reply->gone();
    settle();
    EXPECT_EQ(subscribers("a"), 0U);
    EXPECT_TRUE(lines.empty());
}

TEST_F(ControlHubTest, RefusesABadSubscribe) {
    for (const char *args :
         {"{}", R"({"topics":[]})", R"({"topics":["a\u0007"]})", R"({"topics":[7]})"})
        run(&ControlHub::subscribe, args, make_reply());
    EXPECT_EQ(lines, (std::vector<std::string>(4, "fail invalid")));
}

TEST_F(ControlHubTest, StreamsWhatAPatternTakes) {
    run(&ControlHub::subscribe, R"({"topics":["a:*","a:1"]})", make_reply());
    settle();
    run(&ControlHub::publish, R"({"topic":"a:1","payload":{"n":1}})", make_reply());
    run(&ControlHub::publish, R"({"topic":"b:1","payload":{"n":2}})", make_reply());
    settle();
    const auto events = std::count_if(lines.begin(), lines.end(), [](const std::string &line) {
        return line.find(R"("payload":)") != std::string::npos;
    });
    EXPECT_EQ(events, 1) << "once, though two of its topics match";
}

class Heard final : public module::Observations {
public:
    Heard() : Observations(WSE_OBSERVE_PUBLISH) {}
    void add(const module::Observation &one) override {
        lines.push_back(std::string(one.topic) + ' ' + std::string(one.detail) + ' ' +
                        std::to_string(one.number));
        has_connection = has_connection || !one.connection.empty();
    }

    std::vector<std::string> lines;
    bool has_connection = false;
};

TEST_F(ControlHubTest, TellsObserversOfWhatWasPublished) {
    Heard heard;
    control.set_observations(&heard);
    run(&ControlHub::publish, R"({"topic":"a","payload":{"x":1},"type":"news"})", make_reply());
    run(&ControlHub::publish, R"({"topic":"a*"})", make_reply());
    EXPECT_TRUE(heard.lines.empty()) << "not before it has happened";
    settle();
    EXPECT_EQ(heard.lines, (std::vector<std::string>{"a news 7"}));
    EXPECT_FALSE(heard.has_connection);
}

}  // namespace
}  // namespace wse::server
