// SPDX-License-Identifier: MIT
// What a question of the server's becomes: a URL out of a pattern, or a body.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <wse/module.h>

#include "http_client/url.h"

namespace wse::snapshot_http {

// A URL with {topic}, {user} and {params} in its path or query.
class UrlPattern {
public:
    // Empty and a sentence when it is none.
    static std::optional<UrlPattern> parse(std::string_view text, std::string &ret_problem);

    // Each placeholder with its value in percent-encoding. Empty when a value would make a segment
    // "." or ".." of the path, by which it would leave the place that the pattern gives it, or when
    // the whole is too long.
    std::optional<http::Url> expand(const wse_snapshot_request &request) const;

    bool has_user() const;
    bool is_tls() const { return tls_; }
    // Scheme, host and path as configured, without the query: it may have a key in it.
    const std::string &shown() const { return shown_; }

private:
    enum class Part { kText, kTopic, kUser, kParams };
    struct Piece {
        Part part;
        std::string text;
    };
    std::string read_pieces(std::string_view text);  // a problem, or empty

    std::vector<Piece> pieces_;
    std::string shown_;
    bool tls_ = false;
};

// {"topic","user"?,"params"?,"epoch"?,"offset"?}. user only when the module is asked for single
// users; the place only where the topic has one.
std::string body_of(const wse_snapshot_request &request);

}  // namespace wse::snapshot_http
