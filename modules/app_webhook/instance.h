// SPDX-License-Identifier: MIT
// An instance of app_webhook: the application behind a URL.
#pragma once

#include <memory>
#include <string>

#include <wse/module.h>

#include "context.h"
#include "delivery.h"
#include "endpoint.h"
#include "gate.h"
#include "http_client/http_client.h"

namespace wse::app_webhook {

class Instance {
public:
    Instance(const wse_host *host, const Config &config);

    std::string load();                                // [main]
    uint32_t wants() const { return wants_; }          // [main]
    std::string start(wse_loop *loop);                 // [loop], as all that follows
    void stop(wse_loop *loop, wse_stop_token *token);  // ends what is under way
    int32_t deliver(const wse_app_event *events, uint64_t count, wse_batch_token *token);
    int32_t ask(const wse_question &question, wse_ask_token *token);
    void cancel(wse_ask_token *token);

private:
    Context context_;
    uint32_t wants_ = 0;
    std::unique_ptr<Endpoint> event_endpoint_, question_endpoint_;
    std::unique_ptr<http::TlsContext> tls_;
    std::unique_ptr<Gate> gate_;
    std::unique_ptr<Delivery> delivery_;
    size_t open_ = 0;  // parts that are being closed
};

}  // namespace wse::app_webhook
