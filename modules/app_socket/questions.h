// SPDX-License-Identifier: MIT
// Questions of the server on their way to backends.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>

#include <wse/module.h>

#include "abi/timer.h"
#include "app/members.h"
#include "backends.h"

namespace wse::app_socket {

// One loop.
class Questions {
public:
    struct Limits {
        uint64_t owed;   // questions that a backend may owe an answer to
        uint64_t frame;  // bytes
    };
    Questions(const wse_host *host, uv_loop_t *loop, Backends &backends, const Counters &counters,
              const Limits &limits);

    // WSE_EAGAIN: no backend is there to ask, or each has too many. WSE_EDENIED: what cannot be
    // passed on, a credential that is no text or a question that is larger than a frame.
    int32_t ask(const wse_question &question, wse_ask_token *token);
    void cancel(wse_ask_token *token);
    // A message of a backend; `text` is all of it.
    Step answer(Backend &backend, const app::Members &message, std::string_view text);
    // What it was asked goes to another backend while there is time.
    void gone(uint64_t backend) noexcept;
    void end_all();
    void close(std::function<void()> closed) { timer_.close(std::move(closed)); }

private:
    struct Question {
        uint32_t question;
        uint32_t source;
        std::string connection, user, topic, type, data, peer, listener;
        uint64_t until_ms;  // of the loop's clock
        wse_ask_token *token;
        uint64_t backend;
    };
    Backend *choose(uint32_t question);
    // WSE_EDENIED: larger than a frame.
    int32_t send(uint64_t id, Question &question, Backend &backend);
    void tell_canceled(uint64_t id, const Question &question);
    void finish(uint64_t id, int32_t status, const wse_reply *reply);
    void on_time();
    void set_timer();

    const wse_host *host_;
    uv_loop_t *loop_;
    Backends &backends_;
    const Counters &counters_;
    const Limits limits_;
    uint64_t last_id_ = 0;
    std::map<uint64_t, Question> questions_;
    std::map<wse_ask_token *, uint64_t> ids_;
    std::set<std::pair<uint64_t, uint64_t>> ends_;  // until_ms and id
    abi::Timer timer_;
};

}  // namespace wse::app_socket
