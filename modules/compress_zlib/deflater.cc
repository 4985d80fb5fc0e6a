// SPDX-License-Identifier: MIT
#include "deflater.h"

#include <algorithm>

#include <wse/module.h>

#include "bytes.h"

namespace wse::compress_zlib {

std::unique_ptr<Deflater> Deflater::make(int level, int memory) {
    std::unique_ptr<Deflater> made(new Deflater);
    const int status =
        deflateInit2(&made->stream_, level, Z_DEFLATED, MAX_WBITS, memory, Z_DEFAULT_STRATEGY);
    return status == Z_OK ? std::move(made) : nullptr;
}

Deflater::~Deflater() {
    deflateEnd(&stream_);
}

int32_t Deflater::deflate(std::string_view in, size_t overhead, void *out, uint64_t *inout) {
    if (in.size() <= overhead + 1 || in.size() > kMaxBytes) return WSE_EDENIED;
    // What would be no gain needs no room: zlib stops there.
    const uint64_t useful = in.size() - overhead - 1;
    const uint64_t room = std::min(useful, *inout);
    if (deflateReset(&stream_) != Z_OK) return WSE_EIO;
    stream_.next_in = octets(in);
    stream_.avail_in = static_cast<uInt>(in.size());
    stream_.next_out = static_cast<Bytef *>(out);
    stream_.avail_out = static_cast<uInt>(room);
    const int status = room > 0 ? ::deflate(&stream_, Z_FINISH) : Z_OK;
    if (status != Z_STREAM_END) return room < useful ? WSE_ETOOBIG : WSE_EDENIED;
    *inout = room - stream_.avail_out;
    return WSE_OK;
}

}  // namespace wse::compress_zlib
