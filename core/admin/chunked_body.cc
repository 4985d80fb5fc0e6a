// SPDX-License-Identifier: MIT
#include "admin/chunked_body.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace wse::admin {
namespace {

constexpr size_t kMaxLineBytes = 256;  // a size with its extensions, or a trailer
constexpr size_t kMaxTrailerBytes = 4096;
constexpr size_t kMaxSizeDigits = 8;

}  // namespace

ChunkedBody::State ChunkedBody::feed(std::string_view bytes, std::string &out) {
    while (state_ == State::kMore && !bytes.empty()) {
        if (part_ != Part::kData) {
            if (take_line(bytes) && !on_line()) state_ = State::kMalformed;
            continue;
        }
        const size_t count = static_cast<size_t>(std::min<uint64_t>(left_, bytes.size()));
        out.append(bytes.substr(0, count));
        bytes.remove_prefix(count);
        left_ -= count;
        if (left_ == 0) part_ = Part::kDataEnd;
    }
    return state_;
}

// True when line_ is whole, without its end.
bool ChunkedBody::take_line(std::string_view &bytes) {
    const size_t end = bytes.find('\n');
    const size_t count = std::min(end, bytes.size());
    line_.append(bytes.substr(0, count));
    bytes.remove_prefix(std::min(count + 1, bytes.size()));
    if (line_.size() > kMaxLineBytes) state_ = State::kMalformed;
    if (end == std::string_view::npos || state_ == State::kMalformed) return false;
    if (line_.empty() || line_.back() != '\r') {
        state_ = State::kMalformed;
        return false;
    }
    line_.pop_back();
    return true;
}

// False: it does not belong there.
bool ChunkedBody::on_line() {
    const std::string line = std::exchange(line_, {});
    if (line.find('\r') != std::string::npos) return false;
    if (part_ == Part::kDataEnd) {
        part_ = Part::kSize;
        return line.empty();
    }
    if (part_ == Part::kTrailer) {
        trailer_bytes_ += line.size();
        if (line.empty()) state_ = State::kDone;
        return trailer_bytes_ <= kMaxTrailerBytes;
    }
    const char *const last = line.data() + line.size();
    const auto [end, failure] = std::from_chars(line.data(), last, left_, 16);
    const auto digits = static_cast<size_t>(end - line.data());
    if (failure != std::errc() || digits > kMaxSizeDigits) return false;
    if (end != last && *end != ';' && *end != ' ' && *end != '\t') return false;
    part_ = left_ == 0 ? Part::kTrailer : Part::kData;
    return true;
}

}  // namespace wse::admin
