// SPDX-License-Identifier: MIT
// Cuts what comes over a connection into frames: four octets of length, big-endian, and as many as
// that.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wse::app_socket {

// Memory grows with what has come, not with what a length claims.
class FrameReader {
public:
    // `limit`: the most bytes that a frame may have.
    explicit FrameReader(uint64_t limit) : limit_(limit) {}

    void set_limit(uint64_t limit) { limit_ = limit; }
    void add(std::string_view bytes);
    // The next frame, valid until take() or add(); empty while it has not come whole, and for good
    // once is_too_big().
    std::optional<std::string_view> peek();
    // Behind the frame that peek() showed.
    void take();
    // A length over the limit stands where the next frame begins.
    bool is_too_big() const { return too_big_; }

private:
    uint64_t limit_;
    std::string bytes_;
    size_t begin_ = 0;  // of what is not taken yet
    size_t shown_ = 0;  // octets of the frame that was shown, with its length
    bool too_big_ = false;
};

// Appends a frame to `out`. `body` is no larger than a length can say.
void append_frame(std::string &out, std::string_view body);

}  // namespace wse::app_socket
