// SPDX-License-Identifier: MIT
#include "endpoint.h"

#include <string_view>
#include <utility>

#include "http_client/headers.h"
#include "signature.h"

namespace wse::app_webhook {

Endpoint::Endpoint(const Context &context, const char *url)
    : context_(context),
      url_(*http::parse_url(url)),
      shown_(std::string_view(url).substr(0, std::string_view(url).find_first_of("?#"))) {}

http::Request Endpoint::post(std::string body) const {
    const Config &config = context_.config;
    http::Request request;
    request.method = "POST";
    request.url = url_;
    request.headers = http::headers_of(config.headers);
    http::add_default(request.headers, "User-Agent", "wse-app_webhook");
    http::add_default(request.headers, "Accept", "application/json");
    http::add_default(request.headers, "Content-Type", "application/json");
    const std::string signature =
        signature_of(config.secret, context_.host->now_ms(context_.host), body);
    if (!signature.empty()) request.headers.push_back({"WSE-Signature", signature});
    request.body = std::move(body);
    request.timeout_ms = static_cast<uint64_t>(config.timeout_ms);
    request.max_body = static_cast<uint64_t>(config.limit);
    return request;
}

}  // namespace wse::app_webhook
