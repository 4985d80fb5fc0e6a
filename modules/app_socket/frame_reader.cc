// SPDX-License-Identifier: MIT
#include "frame_reader.h"

namespace wse::app_socket {
namespace {

constexpr size_t kLengthBytes = 4;
constexpr size_t kKeptCapacity = 1 << 20;  // what a large frame has taken is given back

}  // namespace

void FrameReader::add(std::string_view bytes) {
    bytes_.erase(0, begin_);
    begin_ = shown_ = 0;
    if (bytes_.empty() && bytes_.capacity() > kKeptCapacity) std::string().swap(bytes_);
    bytes_ += bytes;
}

std::optional<std::string_view> FrameReader::peek() {
    const std::string_view rest = std::string_view(bytes_).substr(begin_);
    if (too_big_ || rest.size() < kLengthBytes) return std::nullopt;
    uint64_t length = 0;
    for (size_t i = 0; i < kLengthBytes; ++i) length = length << 8 | static_cast<uint8_t>(rest[i]);
    too_big_ = length > limit_;
    if (too_big_ || rest.size() - kLengthBytes < length) return std::nullopt;
    shown_ = kLengthBytes + static_cast<size_t>(length);
    return rest.substr(kLengthBytes, static_cast<size_t>(length));
}

void FrameReader::take() {
    begin_ += shown_;
    shown_ = 0;
}

void append_frame(std::string &out, std::string_view body) {
    // All of it or nothing, also when memory is short.
    out.reserve(out.size() + kLengthBytes + body.size());
    for (size_t i = 0; i < kLengthBytes; ++i)
        out += static_cast<char>(body.size() >> (24 - 8 * i) & 0xff);
    out += body;
}

}  // namespace wse::app_socket
