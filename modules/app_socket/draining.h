// SPDX-License-Identifier: MIT
// Events on their way to the one backend that drains them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <wse/module.h>

#include "abi/timer.h"
#include "app/members.h"
#include "backends.h"
#include "feed.h"
#include "hello.h"

namespace wse::app_socket {

// One loop.
class Draining {
public:
    Draining(const wse_host *host, wse_loop *loop, Backends &backends, const Counters &counters,
             uint64_t max_frame);

    // Called when a batch is done, moves on, or has nobody any more who drains it.
    // Nothing may be ended in it.
    std::function<void()> changed;

    // WSE_EAGAIN while the batch before is not done.
    int32_t deliver(const wse_app_event *events, uint64_t count, wse_batch_token *token);
    // Messages of a backend.
    Step drain(Backend &backend, const app::Members &message);
    Step ack(const app::Members &message);
    // What a hello says was handled before its connection; names this run.
    Problem resume(const Hello &hello);
    const std::string &epoch() const { return epoch_; }
    uint64_t acknowledged() const { return feed_.acknowledged(); }

    void gone(const Backend &backend);
    bool has_batch() const { return feed_.is_open(); }
    bool has_drainer() const { return drainer_ != 0; }
    // Events that nobody has acknowledged are lost. How many there were.
    uint64_t give_up();
    void close(std::function<void()> closed) { wait_.close(std::move(closed)); }

private:
    // A drain that waits for events.
    struct Request {
        bool is_open = false;
        std::string id;  // as written
        uint64_t most = 0;
    };
    bool become_drainer(Backend &backend, std::string_view id);
    void acknowledge(uint64_t seq);
    void answer(Backend &backend);
    void answer_waiting();

    const wse_host *host_;
    wse_loop *loop_;
    Backends &backends_;
    const Counters &counters_;
    const uint64_t max_frame_;
    const std::string epoch_;
    Feed feed_;
    uint64_t drainer_ = 0;  // 0: nobody
    Request request_;
    abi::Timer wait_;
};

}  // namespace wse::app_socket
