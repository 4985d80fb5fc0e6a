// SPDX-License-Identifier: MIT
// Gate: questions to the application, many at a time. Nothing is granted without its plain word.
#pragma once

#include <uv.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include <wse/module.h>

#include "context.h"
#include "endpoint.h"
#include "http_client/http_client.h"

namespace wse::app_webhook {

// One loop, from which everything is called.
class Gate {
public:
    // What is passed outlives it. `tls` may be null when the endpoint is not https.
    Gate(const Context &context, const Endpoint &endpoint, const http::TlsContext *tls,
         uv_loop_t *loop);
    Gate(const Gate &) = delete;
    Gate &operator=(const Gate &) = delete;

    int32_t ask(const wse_question &question, wse_ask_token *token);
    void cancel(wse_ask_token *token);
    // Ends what is under way as canceled. `closed` is called when the loop has no handle of ours,
    // in this call or later.
    void stop(std::function<void()> closed);

private:
    struct Question {
        uint32_t kind = 0;
        uint64_t call = 0;
    };

    void take(wse_ask_token *token, http::Outcome outcome) noexcept;
    void judge(wse_ask_token *token, uint32_t kind, const http::Outcome &outcome);
    void fail(wse_ask_token *token, int32_t status, const std::string &problem);
    void refuse(wse_ask_token *token, int32_t status);

    const Context &context_;
    const Endpoint &endpoint_;
    const http::TlsContext *const tls_;
    uv_loop_t *const loop_;
    // Questions must not wait for events, so they have connections of their own. From the first one
    // on: most are never asked.
    std::unique_ptr<http::HttpClient> client_;
    std::map<wse_ask_token *, Question> questions_;
    bool troubled_ = false;  // the log has been told
};

}  // namespace wse::app_webhook
