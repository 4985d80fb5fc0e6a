// SPDX-License-Identifier: MIT
// One stream of zlib that makes RFC 1950 containers, each independent of the others.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <memory>
#include <string_view>

namespace wse::compress_zlib {

// One thread. All memory is taken at the beginning.
class Deflater {
public:
    // Null: memory is short.
    static std::unique_ptr<Deflater> make(int level, int memory);
    ~Deflater();
    Deflater(const Deflater &) = delete;
    Deflater &operator=(const Deflater &) = delete;

    // At most *inout bytes into `out`. WSE_EDENIED: it does not get shorter than `in` by more than
    // `overhead`. WSE_ETOOBIG: it would, and does not fit.
    int32_t deflate(std::string_view in, size_t overhead, void *out, uint64_t *inout);

private:
    Deflater() = default;

    z_stream stream_{};
};

}  // namespace wse::compress_zlib
