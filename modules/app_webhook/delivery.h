// SPDX-License-Identifier: MIT
// Delivery: events on their way to the application, in order, one request at a time, each of them
// again until it is taken. The commands in an answer are run before the next request is sent.
#pragma once

#include <uv.h>

#include <deque>
#include <functional>
#include <string>
#include <string_view>

#include <wse/module.h>

#include "abi/timer.h"
#include "app/call_queue.h"
#include "backoff.h"
#include "body.h"
#include "context.h"
#include "endpoint.h"
#include "http_client/http_client.h"

namespace wse::app_webhook {

// One loop, from which everything is called.
class Delivery {
public:
    // What is passed outlives it. `tls` may be null when the endpoint is not https.
    Delivery(const Context &context, const Endpoint &endpoint, const http::TlsContext *tls,
             wse_loop *loop);
    Delivery(const Delivery &) = delete;
    Delivery &operator=(const Delivery &) = delete;

    int32_t deliver(const wse_app_event *events, uint64_t count, wse_batch_token *token);
    // What is not delivered by now is lost, and counted. `closed` is called when the loop has no
    // handle of ours, not in this call. Before the destructor, where the constructor succeeded.
    void stop(std::function<void()> closed);

private:
    void send();
    void take(http::Outcome outcome) noexcept;
    void judge(const http::Outcome &outcome);
    void accepted(const http::Response &response);
    void rejected(const http::Response &response);
    void retry(const std::string &problem, uint64_t at_least_ms);
    void next();
    void run_commands(const std::string &text);
    void run_command(std::string_view text);
    void command_failed(std::string_view problem);

    const Context &context_;
    const Endpoint &endpoint_;
    wse_loop *const loop_;
    BodyWriter writer_;
    std::deque<Body> bodies_;           // the first one is on its way, or waits to be sent again
    wse_batch_token *token_ = nullptr;  // of the batch that is under way
    uint64_t call_ = 0;                 // 0: no request is under way
    bool troubled_ = false;             // the log has been told
    bool stopped_ = false;
    Backoff backoff_;
    app::CallQueue calls_;
    abi::Timer timer_;
    size_t open_ = 0;  // parts that are being closed
    // The last member that is made: it must be closed before it goes, and the others need not.
    http::HttpClient client_;
};

}  // namespace wse::app_webhook
