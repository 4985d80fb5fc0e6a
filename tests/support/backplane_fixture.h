// SPDX-License-Identifier: MIT
// A loop, and a server that takes publications, for the parts of backplane_redis.
#pragma once

#include <gtest/gtest.h>
#include <uv.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "parts/later.h"
#include "parts/link.h"
#include "parts/locators.h"
#include "parts/site.h"
#include "support/redis_server.h"

namespace wse::backplane_redis::parts {

// Records what it is told, and answers publications when the loop turns.
struct FakeHost : wse_host {
    struct Publication {
        std::string topic, type, id, payload, extra;
        uint32_t priority;
    };

    explicit FakeHost(uv_loop_t *loop) : wse_host{}, later(loop) {
        struct_size = sizeof(wse_host);
        log = [](const wse_host *host, int32_t, const char *text) noexcept {
            of(host).lines += std::string(text) + '\n';
        };
        stat_add = [](const wse_host *host, uint32_t id, int64_t delta) noexcept {
            of(host).counters[id] += delta;
        };
        publish_then = [](const wse_host *host, wse_loop *, const wse_message *message,
                          void (*done)(void *, int32_t, uint64_t, uint64_t) noexcept,
                          void *arg) noexcept -> int32_t {
            return of(host).publish_one(*message, done, arg);
        };
    }

    static FakeHost &of(const wse_host *host) {
        return *const_cast<FakeHost *>(static_cast<const FakeHost *>(host));
    }

    int32_t publish_one(const wse_message &message,
                        void (*done)(void *, int32_t, uint64_t, uint64_t) noexcept, void *arg) {
        const auto text = [](wse_bytes bytes) {
            return std::string(static_cast<const char *>(bytes.data), bytes.len);
        };
        const Publication it = {text(message.topic),   text(message.type),  text(message.id),
                                text(message.payload), text(message.extra), message.priority};
        const int32_t at_once = refusal ? refusal(it) : WSE_OK;
        if (at_once != WSE_OK) return at_once;
        later.run([this, it, done, arg] {
            const int32_t status = verdict ? verdict(it) : WSE_OK;
            if (status == WSE_OK) published.push_back(it);
            done(arg, status, 1, published.size());
        });
        return WSE_OK;
    }

    Later later;
    std::string lines;
    std::map<uint32_t, int64_t> counters;
    std::vector<Publication> published;
    std::function<int32_t(const Publication &)> refusal;  // in the call
    std::function<int32_t(const Publication &)> verdict;  // afterwards
};

class BackplaneTest : public testing::Test {
protected:
    BackplaneTest() {
        signal(SIGPIPE, SIG_IGN);  // as the server does
        uv_loop_init(&loop_);
        host_ = std::make_unique<FakeHost>(&loop_);
        site_ = {host_.get(), nullptr, &loop_, "wse", "00000000000000aa"};
        limits_.silence_ms = 2000;
        limits_.last_delay_ms = 200;
        limits_.reply_bytes = 32 << 20;
    }
    // Before the members of a test are gone, which its parts use.
    void TearDown() override {
        for (; !closers_.empty(); closers_.pop_back()) {
            bool closed = false;
            closers_.back()([&] { closed = true; });
            until([&] { return closed; });
            parts_.pop_back();
        }
        bool closed = false;
        host_->later.close([&] { closed = true; });
        until([&] { return closed; });
        EXPECT_EQ(uv_run(&loop_, UV_RUN_NOWAIT), 0);
        EXPECT_EQ(uv_loop_close(&loop_), 0) << "a handle was left open";
    }

    // Closed at the end of the test, the last one first.
    template <class Part>
    Part &keep(std::unique_ptr<Part> part) {
        Part &it = *part;
        closers_.push_back([&it](std::function<void()> closed) { it.close(std::move(closed)); });
        parts_.push_back(std::shared_ptr<void>(std::move(part)));
        return it;
    }
    Link &link(Locator &locator, const std::string &key) {
        uv_update_time(&loop_);  // servers were started meanwhile
        LinkEvents events;
        events.up = [this] { ++ups_; };
        events.down = [this](const std::string &problem) { downs_.push_back(problem); };
        return keep(std::make_unique<Link>(&loop_, locator, key, limits_, std::move(events)));
    }
    // Turns the loop for as long as it takes; the test ends after a minute if it takes for ever.
    void until(const std::function<bool()> &done) {
        while (!done()) uv_run(&loop_, UV_RUN_ONCE);
    }

    uv_loop_t loop_{};
    std::unique_ptr<FakeHost> host_;
    Site site_;
    redis::Limits limits_;
    int ups_ = 0;
    std::vector<std::string> downs_;

private:
    std::vector<std::shared_ptr<void>> parts_;
    std::vector<std::function<void(std::function<void()>)>> closers_;
};

}  // namespace wse::backplane_redis::parts
