// SPDX-License-Identifier: MIT
// BodyFramer: where a request's body ends, and the same body in our own framing for the fallback.
// Chunks are decoded and written anew, without extensions and trailers, so that the fallback cannot
// read the framing differently from us.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "net/head.h"

struct http_parser;

namespace wse::net {

class BodyFramer {
public:
    explicit BodyFramer(const Request &request);
    ~BodyFramer();

    // Appends what `bytes` bring of the body to `out`; what follows the body is ignored. False: the
    // chunks are malformed.
    bool feed(std::string_view bytes, std::string &out);
    bool done() const { return done_; }

private:
    uint64_t left_ = 0;                     // of a body with a length
    std::unique_ptr<http_parser> chunked_;  // of one in chunks
    bool done_ = false;
};

}  // namespace wse::net
