// SPDX-License-Identifier: MIT
#include "net/chunks.h"

#include <algorithm>

#include "net/head.h"

namespace wse::net {
namespace {

constexpr size_t kMaxDigits = 15;           // of a chunk's size, so that it fits
constexpr size_t kMaxExtensionBytes = 256;  // of one chunk
constexpr size_t kMaxTrailerBytes = 8 * 1024;

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_control(char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
}

}  // namespace

size_t ChunkReader::feed(std::string_view bytes, std::string_view &piece) {
    piece = {};
    size_t used = 0;
    while (used < bytes.size() && state_ == State::kMore) {
        if (at_ != At::kData) {
            take(bytes[used++]);
            continue;
        }
        piece = bytes.substr(used, static_cast<size_t>(std::min<uint64_t>(left_, bytes.size())));
        left_ -= piece.size();
        if (left_ == 0) at_ = At::kDataCr;
        return used + piece.size();
    }
    return used;
}

void ChunkReader::take(char octet) {
    switch (at_) {
        case At::kSize:
            return take_size(octet);
        case At::kBlanks:
            return leave_size(octet);
        case At::kExtension:
            if (octet == '\r') return expect(true, At::kSizeEnd);
            return expect(!is_control(octet) && ++extension_bytes_ <= kMaxExtensionBytes, at_);
        case At::kSizeEnd:
            return octet == '\n' ? end_size() : expect(false, at_);
        case At::kDataCr:
            return expect(octet == '\r', At::kDataEnd);
        case At::kDataEnd:
            return expect(octet == '\n', At::kSize);
        case At::kTrailer:
            return take_trailer(octet);
        case At::kData:
            break;  // feed() takes it
    }
}

void ChunkReader::take_size(char octet) {
    const int value = hex_value(octet);
    if (value >= 0) {
        left_ = left_ << 4 | static_cast<uint64_t>(value);
        return expect(++digits_ <= kMaxDigits, At::kSize);
    }
    if (digits_ == 0) return expect(false, at_);
    leave_size(octet);
}

void ChunkReader::leave_size(char octet) {
    if (octet == '\r') return expect(true, At::kSizeEnd);
    if (octet == ';') return expect(true, At::kExtension);
    // There are servers that pad the size with them.
    const bool blank = octet == ' ' || octet == '\t';
    expect(blank && ++extension_bytes_ <= kMaxExtensionBytes, At::kBlanks);
}

void ChunkReader::end_size() {
    digits_ = 0;
    extension_bytes_ = 0;
    at_ = left_ ? At::kData : At::kTrailer;
}

void ChunkReader::take_trailer(char octet) {
    if (++trailer_bytes_ > kMaxTrailerBytes) return expect(false, at_);
    const bool after_cr = !line_.empty() && line_.back() == '\r';
    if (after_cr) return expect(octet == '\n' && end_trailer(), at_);
    line_.push_back(octet);
    expect(octet == '\r' || !is_control(octet), at_);
}

bool ChunkReader::end_trailer() {
    line_.pop_back();
    if (line_.empty()) {
        state_ = State::kDone;
        return true;
    }
    const std::string_view line = line_;
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return false;
    trailers_.push_back({line_.substr(0, colon), std::string(trimmed(line.substr(colon + 1)))});
    line_.clear();
    return true;
}

void ChunkReader::expect(bool as_it_should_be, At next) {
    at_ = next;
    if (!as_it_should_be) state_ = State::kFailed;
}

}  // namespace wse::net
