// SPDX-License-Identifier: MIT
#include "admin/control.h"

#include <signal.h>

#include <filesystem>
#include <future>

#include "unit/admin/unix_peer.h"

namespace wse::admin {
namespace {

using test::UnixPeer;

// A JSON text of that many characters.
std::string text_of(size_t size) {
    std::string json(size + 2, 'x');
    json.front() = json.back() = '"';
    return json;
}

// A server on a loop with a thread of its own. The commands: "echo" answers with its arguments,
// "hold" keeps its reply, "drop" lets it go.
class Control : public testing::Test {
protected:
    Control() {
        signal(SIGPIPE, SIG_IGN);
        EXPECT_NE(mkdtemp(directory_), nullptr);
        path_ = std::string(directory_) + "/control.sock";
    }
    ~Control() override {
        stop();
        loop_.stop();
        held_.clear();
        std::filesystem::remove_all(directory_);
    }

    void start(ControlLimits limits = {}) {
        auto server = ControlServer::start(loop_, path_, commands(), limits);
        ASSERT_TRUE(server.ok()) << server.error().text;
        server_ = std::move(*server);
        loop_.start();
    }

    void stop() {
        if (!server_) return;
        std::promise<void> stopped;
        loop_.post([&] {
            server_->stop([&] {
                server_.reset();
                stopped.set_value();
            });
        });
        stopped.get_future().wait();
    }

    CommandTable commands() {
        return {
            {"echo", [](Args args, Ref<Reply> reply) { reply->ok(args.text("say")); }},
            {"refuse", [](Args, Ref<Reply> reply) { reply->fail("not_found", "no such topic"); }},
            {"hold",
             [this](Args, Ref<Reply> reply) {
                 reply->on_gone([this] { ++gone_; });
                 held_.push_back(std::move(reply));
             }},
            {"drop", [](Args, Ref<Reply>) {}},
        };
    }

    size_t held() {
        size_t count = 0;
        loop_.call([&] { count = held_.size(); });
        return count;
    }
    // Turns the loop until the condition holds.
    bool eventually(const std::function<bool()> &condition) {
        for (int turn = 0; turn < 100'000; ++turn) {
            bool met = false;
            loop_.call([&] { met = condition(); });
            if (met) return true;
        }
        return false;
    }

    char directory_[32] = "/tmp/wse-control-XXXXXX";
    std::string path_;
    SystemClock clock_;
    Loop loop_{"service", clock_};
    std::vector<Ref<Reply>> held_;  // on the loop
    int gone_ = 0;                  // on the loop
    std::unique_ptr<ControlServer> server_;
};

TEST_F(Control, AnswersARequestWithItsResult) {
    start();
    UnixPeer peer(path_);
    EXPECT_EQ(peer.ask(R"({"id":5,"cmd":"echo","args":{"say":{"n":1.50}}})"),
              R"({"id":5,"ok":true,"result":{"n":1.50}})");
}

TEST_F(Control, PassesTheErrorOfACommandOn) {
    start();
    UnixPeer peer(path_);
    EXPECT_EQ(peer.ask(R"({"id":1,"cmd":"refuse"})"),
              R"({"id":1,"ok":false,"error":{"code":"not_found","message":"no such topic"}})");
}

TEST_F(Control, AnswersPipelinedRequestsInOrder) {
    start();
    UnixPeer peer(path_);
    peer.write("{\"id\":1,\"cmd\":\"echo\"}\n\r\n{\"id\":2,\"cmd\":\"echo\"}\n{\"id\":3,");
    EXPECT_EQ(peer.line(), R"({"id":1,"ok":true,"result":{}})");
    EXPECT_EQ(peer.line(), R"({"id":2,"ok":true,"result":{}})");
    EXPECT_EQ(peer.ask(R"("cmd":"echo"})"), R"({"id":3,"ok":true,"result":{}})");
}

TEST_F(Control, ListsItsCommandsAndNamesTheListOnAnUnknownOne) {
    start();
    UnixPeer peer(path_);
    EXPECT_THAT(peer.ask(R"({"id":1,"cmd":"ecko"})"),
                testing::HasSubstr(R"("code":"unknown_command")"));
    EXPECT_EQ(peer.ask(R"({"id":2,"cmd":"help"})"),
              R"({"id":2,"ok":true,"result":{"commands":["echo","refuse","hold","drop"]}})");
}

TEST_F(Control, GoesOnAfterAMalformedLine) {
    start();
    UnixPeer peer(path_);
    EXPECT_THAT(peer.ask("nonsense"), testing::StartsWith(R"({"id":null,"ok":false,)"));
    EXPECT_EQ(peer.ask(R"({"id":1,"cmd":"echo"})"), R"({"id":1,"ok":true,"result":{}})");
}

TEST_F(Control, EndsAClientWhoseLineIsTooLong) {
    start({.line_bytes = 1000});
    UnixPeer peer(path_);
    EXPECT_THAT(peer.ask(std::string(1001, ' ')), testing::HasSubstr("too_large"));
    EXPECT_EQ(peer.line(), "<end>");
}

TEST_F(Control, EndsAClientWhoseLineDoesNotEnd) {
    start({.line_bytes = 1000});
    UnixPeer peer(path_);
    peer.write(std::string(1001, 'x'));
    EXPECT_THAT(peer.line(), testing::HasSubstr("too_large"));
    EXPECT_EQ(peer.line(), "<end>");
}

TEST_F(Control, TakesALineOfExactlyTheLimit) {
    start({.line_bytes = 100});
    UnixPeer peer(path_);
    std::string line = R"({"id":1,"cmd":"echo"})";
    line.resize(100, ' ');
    EXPECT_EQ(peer.ask(line), R"({"id":1,"ok":true,"result":{}})");
}

TEST_F(Control, RefusesOneClientTooMany) {
    start({.clients = 2});
    UnixPeer first(path_), second(path_);
    first.ask(R"({"id":1,"cmd":"echo"})");
    second.ask(R"({"id":1,"cmd":"echo"})");
    UnixPeer third(path_);
    EXPECT_THAT(third.line(), testing::HasSubstr(R"("code":"unavailable")"));
    EXPECT_EQ(third.line(), "<end>");
    first.end();
    EXPECT_TRUE(eventually([&] { return server_->clients() == 1; }));
    UnixPeer fourth(path_);
    EXPECT_EQ(fourth.ask(R"({"id":1,"cmd":"echo"})"), R"({"id":1,"ok":true,"result":{}})");
}

TEST_F(Control, PausesReadingWhileTooManyRequestsAreUnanswered) {
    start({.requests = 3});
    UnixPeer peer(path_);
    for (int id = 0; id < 10; ++id)
        peer.write("{\"id\":" + std::to_string(id) + ",\"cmd\":\"hold\"}\n");
    ASSERT_TRUE(eventually([&] { return held_.size() >= 3; }));
    EXPECT_EQ(held(), 3u);
    loop_.call([&] { held_[1]->ok("{}"); });
    EXPECT_EQ(peer.line(), R"({"id":1,"ok":true,"result":{}})");
    EXPECT_TRUE(eventually([&] { return held_.size() == 4; }));
}

TEST_F(Control, CountsOnlyTheFirstAnswer) {
    start();
    UnixPeer peer(path_);
    peer.write("{\"id\":1,\"cmd\":\"hold\"}\n");
    ASSERT_TRUE(eventually([&] { return held_.size() == 1; }));
    loop_.call([&] {
        held_[0]->ok("1");
        held_[0]->fail("invalid", "too late");
        held_[0]->ok("2");
    });
    EXPECT_EQ(peer.line(), R"({"id":1,"ok":true,"result":1})");
    EXPECT_EQ(peer.ask(R"({"id":2,"cmd":"echo"})"), R"({"id":2,"ok":true,"result":{}})");
}

TEST_F(Control, AnswersForACommandThatDropsItsReply) {
    start();
    UnixPeer peer(path_);
    EXPECT_THAT(peer.ask(R"({"id":4,"cmd":"drop"})"),
                testing::StartsWith(R"({"id":4,"ok":false,"error":{"code":"unavailable")"));
}

TEST_F(Control, StreamsEventsUntilTheClientGoes) {
    start();
    UnixPeer peer(path_);
    peer.write("{\"id\":9,\"cmd\":\"hold\"}\n");
    ASSERT_TRUE(eventually([&] { return held_.size() == 1; }));
    loop_.call([&] { EXPECT_TRUE(held_[0]->event(R"({"a":1})")); });
    EXPECT_EQ(peer.line(), R"({"id":9,"event":{"a":1}})");
    peer.end();
    EXPECT_TRUE(eventually([&] { return gone_ == 1; }));
    loop_.call([&] {
        EXPECT_FALSE(held_[0]->event("{}"));
        held_[0]->ok("{}");
        held_[0]->on_gone([&] { ++gone_; });
        EXPECT_EQ(gone_, 2) << "a callback that comes too late is called at once";
    });
}

TEST_F(Control, DisconnectsAClientThatLeavesTooMuchUnread) {
    start({.backlog_bytes = 100'000});
    UnixPeer peer(path_);
    peer.write("{\"id\":9,\"cmd\":\"hold\"}\n");
    ASSERT_TRUE(eventually([&] { return held_.size() == 1; }));
    const std::string event = text_of(10'000);
    loop_.call([&] {
        int sent = 0;
        while (sent < 10'000 && held_[0]->event(event)) ++sent;
        EXPECT_LT(sent, 10'000);
        EXPECT_EQ(gone_, 0) << "on_gone came inside event()";
    });
    EXPECT_TRUE(eventually([&] { return gone_ == 1 && server_->clients() == 0; }));
}

TEST_F(Control, SaysThatAResultIsTooLargeInsteadOfDisconnecting) {
    start({.backlog_bytes = 1000});
    UnixPeer peer(path_);
    EXPECT_THAT(peer.ask(R"({"id":1,"cmd":"echo","args":{"say":)" + text_of(1000) + "}}"),
                testing::StartsWith(R"({"id":1,"ok":false,"error":{"code":"too_large")"));
    EXPECT_EQ(peer.ask(R"({"id":2,"cmd":"echo"})"), R"({"id":2,"ok":true,"result":{}})");
}

TEST_F(Control, StillAnswersAClientThatHasEndedItsSide) {
    start();
    UnixPeer peer(path_);
    peer.write("{\"id\":1,\"cmd\":\"hold\"}\n");
    peer.end_writing();
    ASSERT_TRUE(eventually([&] { return held_.size() == 1; }));
    loop_.call([&] { held_[0]->ok("{}"); });
    EXPECT_EQ(peer.line(), R"({"id":1,"ok":true,"result":{}})");
    EXPECT_EQ(peer.line(), "<end>");
}

TEST_F(Control, StopsWithClientsAndRepliesThatOutliveThem) {
    start();
    UnixPeer peer(path_);
    peer.write("{\"id\":1,\"cmd\":\"hold\"}\n");
    ASSERT_TRUE(eventually([&] { return held_.size() == 1; }));
    stop();
    EXPECT_EQ(peer.line(), "<end>");
    EXPECT_FALSE(std::filesystem::exists(path_));
    loop_.call([&] {
        EXPECT_EQ(gone_, 1);
        held_[0]->ok("{}");
        EXPECT_FALSE(held_[0]->event("{}"));
    });
}

TEST_F(Control, RefusesASecondServerOnItsPath) {
    start();
    loop_.call([&] {
        const auto second = ControlServer::start(loop_, path_, {});
        ASSERT_FALSE(second.ok());
        EXPECT_THAT(second.error().text,
                    testing::StartsWith("another wsed is running on " + path_));
    });
    EXPECT_EQ(UnixPeer(path_).ask(R"({"id":1,"cmd":"echo"})"), R"({"id":1,"ok":true,"result":{}})");
}

}  // namespace
}  // namespace wse::admin
