// SPDX-License-Identifier: MIT
// A message as raw deflate without its tail, 00 00 ff ff, and back (RFC 7692 section 7.2). Both
// have zlib's memory from the first use on.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <string_view>

#include <wse/module.h>

#include "options.h"

namespace wse::permessage_deflate {

// What the caller has for the result; `size` becomes that of what was written.
struct Room {
    char *at;
    uint64_t limit;
    uint64_t size = 0;
};

class Compressor {
public:
    Compressor(const Config &config, int window_bits)
        : config_(config), window_bits_(window_bits) {}
    ~Compressor();
    Compressor(const Compressor &) = delete;
    Compressor &operator=(const Compressor &) = delete;

    // Not an empty message. Unless `takeover`, it can be read without those before. After a failure
    // the next one can. WSE_ETOOBIG: it does not fit.
    int32_t run(std::string_view message, bool takeover, Room &out);

private:
    int32_t run(std::string_view message, Room &out);

    const Config &config_;
    const int window_bits_;
    bool ready_ = false;
    z_stream stream_{};
};

class Decompressor {
public:
    explicit Decompressor(int window_bits) : window_bits_(window_bits) {}
    ~Decompressor();
    Decompressor(const Decompressor &) = delete;
    Decompressor &operator=(const Decompressor &) = delete;

    // Unless `takeover`, the message may not refer to those before. WSE_EINVAL: it is no deflate,
    // or ends early. WSE_ETOOBIG: it does not fit. A failure is the end with takeover.
    int32_t run(std::string_view message, bool takeover, Room &out);

private:
    int32_t feed(std::string_view piece, Room &out);
    int32_t begin_after_final_block();

    const int window_bits_;
    bool ready_ = false;
    int final_blocks_ = 0;  // of the message
    z_stream stream_{};
};

}  // namespace wse::permessage_deflate
