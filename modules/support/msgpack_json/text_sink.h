// SPDX-License-Identifier: MIT
// JSON text in a buffer that has an end.
#pragma once

#include <cstdint>
#include <string_view>

namespace wse::msgpack_json {

// What does not fit is not written, and full() from then on.
class TextSink {
public:
    TextSink(void *out, uint64_t room) : at_(static_cast<char *>(out)), room_(room) {}

    void put(std::string_view text);
    void put(char c) {
        full_ = full_ || room_ == 0;
        if (full_) return;
        *at_++ = c;
        --room_;
    }
    // In quotes; `text` is UTF-8.
    void put_string(std::string_view text);
    void put_integer(int64_t value);
    void put_integer(uint64_t value);
    // The shortest text that reads as the same number, which is finite, and not as an integer.
    void put_float(double value);

    bool full() const { return full_; }
    uint64_t room() const { return room_; }

private:
    char *at_;
    uint64_t room_;
    bool full_ = false;
};

}  // namespace wse::msgpack_json
