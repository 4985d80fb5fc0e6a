// SPDX-License-Identifier: MIT
#include "codec.h"

#include <algorithm>
#include <array>
#include <limits>

namespace wse::permessage_deflate {
namespace {

constexpr std::string_view kTail("\x00\x00\xff\xff", 4);
// Each costs a copy of the window, and a message needs one at most.
constexpr int kMaxFinalBlocks = 16;

// zlib never writes to its input.
Bytef *input_of(std::string_view text) {
    return const_cast<Bytef *>(reinterpret_cast<const Bytef *>(text.data()));
}

Bytef *output_of(char *bytes) {
    return reinterpret_cast<Bytef *>(bytes);
}

// zlib counts with 32 bits.
uInt part_of(uint64_t bytes) {
    return static_cast<uInt>(std::min<uint64_t>(bytes, std::numeric_limits<uInt>::max()));
}

}  // namespace

Compressor::~Compressor() {
    if (ready_) deflateEnd(&stream_);
}

int32_t Compressor::run(std::string_view message, bool takeover, Room &out) {
    if (!ready_) {
        if (deflateInit2(&stream_, static_cast<int>(config_.level), Z_DEFLATED, -window_bits_,
                         static_cast<int>(config_.memory_level), Z_DEFAULT_STRATEGY) != Z_OK)
            return WSE_ENOMEM;
        ready_ = true;
    }
    const int32_t status = run(message, out);
    if (!takeover || status != WSE_OK) deflateReset(&stream_);
    return status;
}

int32_t Compressor::run(std::string_view message, Room &out) {
    if (message.size() > std::numeric_limits<uInt>::max()) return WSE_ETOOBIG;
    stream_.next_in = input_of(message);
    stream_.avail_in = part_of(message.size());
    stream_.next_out = output_of(out.at);
    stream_.avail_out = part_of(out.limit);
    const uInt room = stream_.avail_out;
    // What fills the room to its end may have more to come.
    if (deflate(&stream_, Z_SYNC_FLUSH) != Z_OK || stream_.avail_out == 0) return WSE_ETOOBIG;
    const std::string_view written(out.at, room - stream_.avail_out);
    if (!written.ends_with(kTail)) return WSE_EIO;
    out.size = written.size() - kTail.size();
    return WSE_OK;
}

Decompressor::~Decompressor() {
    if (ready_) inflateEnd(&stream_);
}

int32_t Decompressor::run(std::string_view message, bool takeover, Room &out) {
    if (!ready_) {
        if (inflateInit2(&stream_, -window_bits_) != Z_OK) return WSE_ENOMEM;
        ready_ = true;
    } else if (!takeover) {
        inflateReset(&stream_);
    }
    final_blocks_ = 0;
    for (const std::string_view piece : {message, kTail}) {
        const int32_t status = feed(piece, out);
        if (status != WSE_OK) return status;
    }
    // Whole messages end between two blocks, on an octet: zlib says both, as 128 and as the number
    // of bits that are left.
    return (stream_.data_type & 0xbf) == 128 ? WSE_OK : WSE_EINVAL;
}

int32_t Decompressor::feed(std::string_view piece, Room &out) {
    if (piece.size() > std::numeric_limits<uInt>::max()) return WSE_ETOOBIG;
    char beyond = 0;  // is there more than fits?
    stream_.next_in = input_of(piece);
    stream_.avail_in = part_of(piece.size());
    while (true) {
        const bool full = out.size == out.limit;
        stream_.next_out = output_of(full ? &beyond : out.at + out.size);
        stream_.avail_out = full ? 1 : part_of(out.limit - out.size);
        const uInt room = stream_.avail_out;
        const int status = inflate(&stream_, Z_SYNC_FLUSH);
        const uInt written = room - stream_.avail_out;
        if (full && written > 0) return WSE_ETOOBIG;
        if (!full) out.size += written;
        if (status == Z_STREAM_END) {
            const int32_t begun = begin_after_final_block();
            if (begun != WSE_OK) return begun;
        } else if (status == Z_MEM_ERROR) {
            return WSE_ENOMEM;
        } else if (status != Z_OK && status != Z_BUF_ERROR) {
            return WSE_EINVAL;
        }
        // With room left all that the input says has been written.
        if (stream_.avail_in == 0 && stream_.avail_out > 0) return WSE_OK;
        if (status == Z_BUF_ERROR) return WSE_EINVAL;
    }
}

// A sender may end a message with a final block (RFC 7692 section 7.2.3.4): what follows is a new
// stream over the same window.
int32_t Decompressor::begin_after_final_block() {
    if (++final_blocks_ > kMaxFinalBlocks) return WSE_EINVAL;
    std::array<Bytef, 1U << 15> window{};
    uInt size = 0;
    if (inflateGetDictionary(&stream_, window.data(), &size) != Z_OK) return WSE_EIO;
    if (inflateReset(&stream_) != Z_OK) return WSE_EIO;
    if (size > 0 && inflateSetDictionary(&stream_, window.data(), size) != Z_OK) return WSE_EIO;
    return WSE_OK;
}

}  // namespace wse::permessage_deflate
