// SPDX-License-Identifier: MIT
// Request heads (RFC 9112), read strictly: what two readers could understand differently is
// refused, so nothing can be smuggled past us to the fallback. The lines are checked here octet by
// octet as they come; http_parser splits a head that is complete.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/handler.h"

namespace wse::net {

// kUntilClose: of answers alone.
enum class BodyKind : uint8_t { kNone, kLength, kChunked, kUntilClose };

struct Request {
    RequestHead head;
    uint8_t minor_version = 1;  // of HTTP/1.x
    BodyKind body = BodyKind::kNone;
    uint64_t content_length = 0;
    std::string proxy_ip = {};  // of the trusted proxy that it came from; empty: the client's own
};

// Why a request is not served: an HTTP status and a sentence for the body of the answer.
struct HttpError {
    int status = 0;
    std::string text;
    std::string headers;  // further lines of the answer, each with its CRLF
};

class HeadReader {
public:
    enum class State : uint8_t { kMore, kDone, kFailed };

    HeadReader(size_t max_bytes, size_t max_headers)
        : max_bytes_(max_bytes), max_headers_(max_headers) {}

    // Takes what belongs to the head and says how many octets that was.
    size_t feed(std::string_view bytes);
    State state() const { return state_; }
    bool started() const { return !text_.empty(); }

    const HttpError &error() const { return error_; }  // kFailed
    Request &request() { return request_; }            // kDone

private:
    bool take(char octet);
    bool end_line();
    bool fail(int status, std::string_view text);
    void finish();

    size_t max_bytes_;
    size_t max_headers_;
    std::string text_;
    size_t lines_ = 0;        // ended so far, the request line included
    size_t line_length_ = 0;  // of the line that is being read
    bool after_cr_ = false;
    State state_ = State::kMore;
    HttpError error_;
    Request request_;
};

// True when `token` stands, in any case, in one of the comma-separated lists named `name`.
bool has_token(const std::vector<Header> &headers, std::string_view name, std::string_view token);
bool has_token(const RequestHead &head, std::string_view name, std::string_view token);
size_t count_headers(const RequestHead &head, std::string_view name);
bool equals_ignoring_case(std::string_view a, std::string_view b);
// Without the blanks and tabs around it.
std::string_view trimmed(std::string_view text);

// A token of RFC 9110: names of headers, of extensions, and their values.
inline constexpr std::string_view kTokenCharacters =
    "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
bool is_token(std::string_view text);

}  // namespace wse::net
