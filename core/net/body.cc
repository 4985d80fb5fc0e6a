// SPDX-License-Identifier: MIT
#include "net/body.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "net/hop_by_hop.h"

namespace wse::net {
namespace {

void append_chunk(std::string_view piece, std::string &out) {
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.begin(), digits.end(), piece.size(), 16).ptr;
    out.append(digits.begin(), end).append("\r\n").append(piece).append("\r\n");
}

}  // namespace

BodyFramer::BodyFramer(const Request &request)
    : kind_(request.body),
      writes_chunks_(request.body == BodyKind::kChunked),
      keeps_trailers_(false),
      left_(request.content_length) {
    if (kind_ == BodyKind::kNone) state_ = State::kDone;
}

BodyFramer::BodyFramer(BodyKind kind, uint64_t length, bool chunked)
    : kind_(kind), writes_chunks_(chunked), keeps_trailers_(true), left_(length) {
    if (kind_ == BodyKind::kNone) state_ = State::kDone;
}

size_t BodyFramer::feed(std::string_view bytes, std::string &out) {
    size_t used = 0;
    while (used < bytes.size() && state_ == State::kMore) {
        std::string_view piece;
        used += take(bytes.substr(used), piece);
        if (!piece.empty() && writes_chunks_) append_chunk(piece, out);
        if (!writes_chunks_) out += piece;
        if (done()) finish(out);
    }
    return used;
}

size_t BodyFramer::take(std::string_view bytes, std::string_view &piece) {
    if (kind_ == BodyKind::kChunked) {
        const size_t used = chunks_.feed(bytes, piece);
        if (chunks_.state() == ChunkReader::State::kFailed) state_ = State::kFailed;
        if (chunks_.state() == ChunkReader::State::kDone) state_ = State::kDone;
        return used;
    }
    piece = bytes;
    if (kind_ == BodyKind::kLength) {
        piece = bytes.substr(0, static_cast<size_t>(std::min<uint64_t>(left_, bytes.size())));
        left_ -= piece.size();
        if (left_ == 0) state_ = State::kDone;
    }
    return piece.size();
}

bool BodyFramer::end(std::string &out) {
    if (kind_ == BodyKind::kUntilClose && state_ == State::kMore) {
        state_ = State::kDone;
        finish(out);
    }
    return done();
}

void BodyFramer::finish(std::string &out) {
    if (!writes_chunks_) return;
    out += "0\r\n";
    if (keeps_trailers_) {
        for (const Header &trailer : chunks_.trailers()) {
            if (is_hop_by_hop(trailer.name)) continue;
            out.append(trailer.name).append(": ").append(trailer.value).append("\r\n");
        }
    }
    out += "\r\n";
}

}  // namespace wse::net
