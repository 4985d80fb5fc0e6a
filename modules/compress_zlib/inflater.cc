// SPDX-License-Identifier: MIT
#include "inflater.h"

#include <algorithm>

#include <wse/module.h>

#include "bytes.h"

namespace wse::compress_zlib {

std::unique_ptr<Inflater> Inflater::make() {
    std::unique_ptr<Inflater> made(new Inflater);
    // Positive window bits: the container of zlib, not that of gzip, nor none.
    return inflateInit2(&made->stream_, MAX_WBITS) == Z_OK ? std::move(made) : nullptr;
}

Inflater::~Inflater() {
    inflateEnd(&stream_);
}

int32_t Inflater::inflate(std::string_view in, void *out, uint64_t *inout) {
    if (in.size() > kMaxBytes) return WSE_ETOOBIG;
    const uint64_t room = std::min(*inout, kMaxBytes);
    Bytef nothing = 0;
    if (inflateReset(&stream_) != Z_OK) return WSE_EIO;
    stream_.next_in = octets(in);
    stream_.avail_in = static_cast<uInt>(in.size());
    stream_.next_out = out ? static_cast<Bytef *>(out) : &nothing;
    stream_.avail_out = static_cast<uInt>(room);
    // zlib writes straight into the buffer and stops at its end, so a bomb costs what the buffer
    // has room for. A container that is whole needs no window of its own beside it.
    const int status = ::inflate(&stream_, Z_FINISH);
    if (status == Z_MEM_ERROR) return WSE_ENOMEM;
    if (status == Z_BUF_ERROR && stream_.avail_out == 0) return WSE_ETOOBIG;
    if (status != Z_STREAM_END || stream_.avail_in > 0) return WSE_EINVAL;
    *inout = room - stream_.avail_out;
    return WSE_OK;
}

}  // namespace wse::compress_zlib
