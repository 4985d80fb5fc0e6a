// SPDX-License-Identifier: MIT
#include "net/poller.h"

#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <string>

namespace wse::net {
namespace {

class PollerTest : public ::testing::Test {
protected:
    PollerTest() {
        uv_loop_init(&loop_);
        poller_ = std::make_unique<Poller>(&loop_);
    }
    ~PollerTest() override {
        poller_.reset();
        uv_run(&loop_, UV_RUN_DEFAULT);
        EXPECT_EQ(uv_loop_close(&loop_), 0);
    }
    void turn() { uv_run(&loop_, UV_RUN_NOWAIT); }

    uv_loop_t loop_{};
    std::unique_ptr<Poller> poller_;
};

// One end of a socket pair; the test writes to the other.
class Watched final : public Pollable {
public:
    Watched(Poller &poller, std::string &log, std::string name)
        : poller_(poller), log_(log), name_(std::move(name)) {
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_), 0);
        EXPECT_TRUE(poller_.watch(ends_[0], *this).ok());
    }
    ~Watched() override {
        log_ += "~" + name_;
        poller_.forget(ends_[0], *this);
        ::close(ends_[0]);
        ::close(ends_[1]);
    }
    void on_events(uint32_t) override {
        log_ += name_;
        if (react) react();
    }
    void flush() override { log_ += "f"; }
    void poke() { EXPECT_EQ(::write(ends_[1], "x", 1), 1); }
    int fd() const { return ends_[0]; }

    std::function<void()> react;

private:
    Poller &poller_;
    std::string &log_;
    std::string name_;
    int ends_[2]{};
};

TEST_F(PollerTest, TellsOncePerEdge) {
    std::string log;
    {
        Watched a(*poller_, log, "a");
        turn();
        log.clear();  // it was writable
        turn();
        EXPECT_EQ(log, "");
        a.poke();
        turn();
        turn();
        EXPECT_EQ(log, "a");
    }
}

TEST_F(PollerTest, FlushesOnceAtTheEndOfTheTurn) {
    std::string log;
    Watched a(*poller_, log, "a");
    Watched b(*poller_, log, "b");
    a.react = b.react = [&] {
        poller_->flush_later(a);
        poller_->flush_later(a);
    };
    turn();
    EXPECT_TRUE(log == "abf" || log == "baf") << log;
}

TEST_F(PollerTest, FlushesWhatATimerQueued) {
    std::string log;
    Watched a(*poller_, log, "a");
    turn();
    log.clear();
    poller_->flush_later(a);
    turn();
    EXPECT_EQ(log, "f");
}

TEST_F(PollerTest, ContinuesInTheNextTurnWithoutANewEvent) {
    std::string log;
    Watched a(*poller_, log, "a");
    turn();
    log.clear();
    int left = 3;
    a.react = [&] {
        if (--left > 0) poller_->run_again(a);
    };
    poller_->run_again(a);
    for (int i = 0; i < 5; ++i) turn();
    EXPECT_EQ(log, "aaa");
}

TEST_F(PollerTest, TellsNothingToWhatWasForgottenInTheSameTurn) {
    std::string log;
    Watched a(*poller_, log, "a");
    Watched b(*poller_, log, "b");
    a.react = [&] { poller_->forget(b.fd(), b); };
    b.react = [&] { poller_->forget(a.fd(), a); };
    turn();
    turn();
    EXPECT_EQ(log.size(), 1U) << log;
}

TEST_F(PollerTest, ForgetsWhatWasQueued) {
    std::string log;
    Watched a(*poller_, log, "a");
    turn();
    log.clear();
    poller_->run_again(a);
    poller_->flush_later(a);
    poller_->forget(a.fd(), a);
    turn();
    EXPECT_EQ(log, "");
}

TEST_F(PollerTest, DestroysTheBuriedAtTheEndOfTheTurn) {
    std::string log;
    auto a = std::make_unique<Watched>(*poller_, log, "a");
    Watched *const raw = a.get();
    raw->react = [&] {
        poller_->bury(std::move(a));
        log += ".";
    };
    turn();
    EXPECT_EQ(log, "a.~a");
}

}  // namespace
}  // namespace wse::net
