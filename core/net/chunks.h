// SPDX-License-Identifier: MIT
// ChunkReader: a body in chunks (RFC 9112 section 7.1), read strictly and octet by octet as it
// comes: what another reader could end elsewhere is malformed. Extensions are skipped, trailers
// kept; both have a limit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "net/handler.h"

namespace wse::net {

class ChunkReader {
public:
    enum class State : uint8_t { kMore, kDone, kFailed };

    // Takes octets up to the end of the first piece of data among them, or all of them, or up to
    // the end of the body; says how many, and what they bring of the data.
    size_t feed(std::string_view bytes, std::string_view &piece);
    State state() const { return state_; }
    // kDone. In the order and with the names in which they came.
    const std::vector<Header> &trailers() const { return trailers_; }

private:
    enum class At : uint8_t {
        kSize,
        kBlanks,  // behind the size
        kExtension,
        kSizeEnd,
        kData,
        kDataCr,
        kDataEnd,
        kTrailer,
    };

    void take(char octet);
    void take_size(char octet);
    void leave_size(char octet);
    void end_size();
    void take_trailer(char octet);
    bool end_trailer();
    void expect(bool as_it_should_be, At next);

    State state_ = State::kMore;
    At at_ = At::kSize;
    uint64_t left_ = 0;  // of the chunk; while kSize, what its digits say so far
    size_t digits_ = 0;
    size_t extension_bytes_ = 0;
    size_t trailer_bytes_ = 0;
    std::string line_;  // of the trailers, with its CR
    std::vector<Header> trailers_;
};

}  // namespace wse::net
