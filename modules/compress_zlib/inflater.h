// SPDX-License-Identifier: MIT
// One stream of zlib that reads RFC 1950 containers from strangers.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <memory>
#include <string_view>

namespace wse::compress_zlib {

// One thread. Memory and time are bounded by the sizes of what it is given and of the buffer.
class Inflater {
public:
    // Null: memory is short.
    static std::unique_ptr<Inflater> make();
    ~Inflater();
    Inflater(const Inflater &) = delete;
    Inflater &operator=(const Inflater &) = delete;

    // One whole container, and nothing behind it. WSE_ETOOBIG: there is more in it than *inout
    // bytes. WSE_EINVAL: another format, a preset dictionary, damage, an end that is missing.
    int32_t inflate(std::string_view in, void *out, uint64_t *inout);

private:
    Inflater() = default;

    z_stream stream_{};
};

}  // namespace wse::compress_zlib
