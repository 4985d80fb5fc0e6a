// SPDX-License-Identifier: MIT
// compress_zlib: containers from strangers into a small buffer, and what came out there and back.
// The last octet of the input says how small.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <wse/module.h>

#include "compress_zlib/deflater.h"
#include "compress_zlib/inflater.h"
#include "fuzz.h"

namespace wse::compress_zlib {
namespace {

void check_way_back(Inflater &inflater, std::string_view text) {
    static const auto deflater = Deflater::make(6, 8);
    std::vector<char> packed(text.size() + 64);
    uint64_t size = packed.size();
    if (deflater->deflate(text, 0, packed.data(), &size) != WSE_OK) return;
    std::vector<char> again(text.size());
    uint64_t length = again.size();
    WSE_ASSERT(inflater.inflate({packed.data(), size}, again.data(), &length) == WSE_OK,
               "a container of ours is refused");
    WSE_ASSERT(text == std::string_view(again.data(), length), "another text came back");
}

void run(std::string_view in, size_t room) {
    static const auto inflater = Inflater::make();
    std::vector<char> out(room);
    uint64_t size = room;
    const int32_t status = inflater->inflate(in, out.data(), &size);
    if (status != WSE_OK) {
        WSE_ASSERT(status == WSE_EINVAL || status == WSE_ETOOBIG, "an unknown status");
        return;
    }
    WSE_ASSERT(size <= room, "more came out than there was room for");
    check_way_back(*inflater, {out.data(), size});
}

}  // namespace
}  // namespace wse::compress_zlib

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    const std::string_view text = wse::fuzz::text_of(data, size);
    const size_t room = size_t{16} * data[size - 1];
    wse::compress_zlib::run(text.substr(0, size - 1), room);
    return 0;
}
