// SPDX-License-Identifier: MIT
// The link: everything of an instance that lives on its loop.
#pragma once

#include <cstdint>
#include <string_view>

#include <wse/module.h>

#include "abi/timer.h"
#include "backends.h"
#include "calls.h"
#include "counters.h"
#include "draining.h"
#include "listener.h"
#include "msgpack_json/msgpack_to_json.h"
#include "options.h"
#include "questions.h"
#include "socket.h"

namespace wse::app_socket {

// One loop. After stop() only answers to calls may come, until it is destroyed.
class Link final : public SocketOwner {
public:
    Link(const wse_host *host, wse_loop *loop, const Config &config, const Counters &counters,
         Place &place);
    Link(const Link &) = delete;
    Link &operator=(const Link &) = delete;

    int32_t deliver(const wse_app_event *events, uint64_t count, wse_batch_token *token);
    int32_t ask(const wse_question &question, wse_ask_token *token);
    void cancel(wse_ask_token *token) { questions_.cancel(token); }
    // What was delivered is given out yet, as long as a backend goes on with it.
    void stop(wse_stop_token *token);

private:
    void accept();
    bool on_frame(Socket &socket, std::string_view frame) override;
    void on_too_big(Socket &socket) override;
    void on_late(Socket &socket) override;
    void on_room(Socket &socket) override { socket.resume(); }
    void on_gone(Socket &socket, const char *cause) noexcept override;
    void on_released() noexcept override;
    Step take(Backend &backend, std::string_view frame);
    Step take_message(Backend &backend, const app::Members &message, std::string_view text);
    Step greet(Backend &backend, const app::Members &message);
    void welcome(Backend &backend);
    void retry();
    void go_on_stopping();
    void close_all();

    const wse_host *host_;
    wse_loop *loop_;
    uv_loop_t *uv_;
    const Config &config_;
    const Counters &counters_;
    msgpack_json::MsgpackToJson reader_{msgpack_json::Binary::kAsBase64};
    Backends backends_;
    Draining draining_;
    Questions questions_;
    Calls calls_;
    abi::Timer retry_;     // of calls that the server had no room for
    abi::Timer stopping_;  // until what is left is lost
    uint64_t last_id_ = 0;
    uint32_t open_;               // of what has handles: the listener, the timers, and each socket
    bool is_accept_due_ = false;  // somebody waits to be let in, for want of memory
    bool is_closed_ = false;
    wse_stop_token *stop_token_ = nullptr;
    Listener listener_;  // last: nothing fails once it has its handle
};

}  // namespace wse::app_socket
