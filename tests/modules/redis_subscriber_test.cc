// SPDX-License-Identifier: MIT
#include "redis_client/redis_subscriber.h"

#include <gtest/gtest.h>

#include <functional>

#include "support/redis_server.h"

namespace wse::redis {
namespace {

class RedisSubscriberTest : public testing::Test {
protected:
    RedisSubscriberTest() {
        signal(SIGPIPE, SIG_IGN);
        uv_loop_init(&loop_);
    }
    ~RedisSubscriberTest() override {
        close();
        EXPECT_EQ(uv_loop_close(&loop_), 0) << "a handle was left open";
    }
    void listen(const std::string &url, uint64_t probe_ms) {
        std::string problem;
        Limits limits;
        limits.last_delay_ms = 200;
        subscriber_ = std::make_unique<RedisSubscriber>(
            &loop_, *parse_url(url, problem), limits, "wse:*", probe_ms,
            SubscriberEvents{[this] { ++listening_; },
                             [this](const std::string &what) { lost_.push_back(what); },
                             [this](std::string_view channel, std::string_view message) {
                                 heard_ += std::string(channel) + '=' + std::string(message) + ';';
                             }});
    }
    void close() {
        if (!subscriber_) return;
        bool closed = false;
        subscriber_->close([&] { closed = true; });
        until([&] { return closed; });
        subscriber_.reset();
    }
    void until(const std::function<bool()> &done) {
        while (!done()) uv_run(&loop_, UV_RUN_ONCE);
    }

    test::RedisServer server_{{"--requirepass", ""}};
    uv_loop_t loop_{};
    std::unique_ptr<RedisSubscriber> subscriber_;
    int listening_ = 0;
    std::vector<std::string> lost_;
    std::string heard_;
};

TEST_F(RedisSubscriberTest, HearsWhatIsPublishedOnMatchingChannels) {
    listen(server_.url(), 60'000);
    until([&] { return listening_ == 1; });
    EXPECT_EQ(server_.run({"PUBLISH", "other", "x"}), "0");
    EXPECT_EQ(server_.run({"PUBLISH", "wse:a", "1"}), "1");
    EXPECT_EQ(server_.run({"PUBLISH", "wse:b:c", std::string("\0\xff", 2)}), "1");
    until([&] { return heard_ == std::string("wse:a=1;wse:b:c=\0\xff;", 19); });
}

TEST_F(RedisSubscriberTest, ListensAgainAfterARestart) {
    listen(server_.url(), 60'000);
    until([&] { return listening_ == 1; });
    server_.stop();
    until([&] { return lost_.size() == 1; });
    server_.start();
    until([&] { return listening_ == 2; });
    EXPECT_EQ(server_.run({"PUBLISH", "wse:a", "2"}), "1");
    until([&] { return heard_ == "wse:a=2;"; });
    EXPECT_EQ(lost_.size(), 1u);
}

TEST_F(RedisSubscriberTest, GivesUpAServerThatIsSilent) {
    listen(server_.url(), 50);
    until([&] { return listening_ == 1; });
    server_.freeze();
    until([&] { return lost_.size() == 1; });
    server_.thaw();
    until([&] { return listening_ == 2; });
}

TEST_F(RedisSubscriberTest, StaysWithAServerThatAnswersWhileNothingIsPublished) {
    listen(server_.url(), 50);
    const auto questions = [&] {
        const std::string stats = server_.run({"INFO", "commandstats"});
        const size_t at = stats.find("cmdstat_psubscribe:calls=");
        return at == std::string::npos ? 0 : std::atoi(stats.c_str() + at + 25);
    };
    until([&] { return questions() >= 6; });
    EXPECT_EQ(listening_, 1);
    EXPECT_TRUE(lost_.empty());
}

TEST_F(RedisSubscriberTest, ClosesAtAnyTime) {
    for (int turns = 0; turns < 15; ++turns) {
        listen(server_.url(), 1000);
        for (int i = 0; i < turns; ++i) uv_run(&loop_, UV_RUN_NOWAIT);
        close();
    }
}

}  // namespace
}  // namespace wse::redis
