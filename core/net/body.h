// SPDX-License-Identifier: MIT
// BodyFramer: where a body ends, and the same body in our own framing for the other side. Chunks
// are decoded and written anew, without extensions, so that nobody behind us can read the framing
// differently from us.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "net/chunks.h"
#include "net/head.h"

namespace wse::net {

class BodyFramer {
public:
    enum class State : uint8_t { kMore, kDone, kFailed };

    // A request's, which keeps its framing. Its trailers stay here: an application that takes them
    // for headers would believe what nobody has checked.
    explicit BodyFramer(const Request &request);
    // An answer's. `chunked`: it is written in chunks, which one without a length needs if
    // something is to follow it; its trailers go along.
    BodyFramer(BodyKind kind, uint64_t length, bool chunked);

    // Appends what `bytes` bring of the body to `out` and says how many of them belong to it.
    size_t feed(std::string_view bytes, std::string &out);
    // The source has ended; appends what is to follow. False: the body was not whole.
    bool end(std::string &out);
    State state() const { return state_; }
    bool done() const { return state_ == State::kDone; }
    bool failed() const { return state_ == State::kFailed; }

private:
    size_t take(std::string_view bytes, std::string_view &piece);
    void finish(std::string &out);

    BodyKind kind_;
    bool writes_chunks_;
    bool keeps_trailers_;
    State state_ = State::kMore;
    uint64_t left_;  // of a body with a length
    ChunkReader chunks_;
};

}  // namespace wse::net
