// SPDX-License-Identifier: MIT
// ChunkedBody: a body in chunks (RFC 9112 section 7.1) piece by piece. Strict, since two readers
// that take a malformed one differently can be played off against each other. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace wse::admin {

class ChunkedBody {
public:
    enum class State { kMore, kDone, kMalformed };

    // Appends to `out` what `bytes` bring; behind the end nothing is looked at. What is malformed
    // stays so.
    State feed(std::string_view bytes, std::string &out);

private:
    enum class Part { kSize, kData, kDataEnd, kTrailer };

    bool take_line(std::string_view &bytes);
    bool on_line();

    Part part_ = Part::kSize;
    State state_ = State::kMore;
    std::string line_;  // what has come of it
    uint64_t left_ = 0;
    size_t trailer_bytes_ = 0;
};

}  // namespace wse::admin
