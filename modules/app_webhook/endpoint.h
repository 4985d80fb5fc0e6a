// SPDX-License-Identifier: MIT
// Endpoint: a URL of the application, and the requests that go there.
#pragma once

#include <string>

#include "context.h"
#include "http_client/http_client.h"

namespace wse::app_webhook {

class Endpoint {
public:
    // `url` is one that option_problem() has passed.
    Endpoint(const Context &context, const char *url);

    // A POST of the body, which is JSON; signed as of now.
    http::Request post(std::string body) const;
    bool is_tls() const { return url_.tls; }
    // For the log: without the query.
    const std::string &shown() const { return shown_; }

private:
    const Context &context_;
    http::Url url_;
    std::string shown_;
};

}  // namespace wse::app_webhook
