// SPDX-License-Identifier: MIT
#include "net/unmask.h"

#include <cstring>

namespace wse::net {

void unmask(std::span<char> bytes, const Mask &mask, uint64_t position) {
    // The mask as it lies on the next eight octets; any multiple of four further it lies the same.
    std::array<uint8_t, 8> turned{};
    for (size_t i = 0; i < turned.size(); ++i) turned[i] = mask[(position + i) % 4];
    uint64_t wide = 0;
    std::memcpy(&wide, turned.data(), sizeof wide);

    size_t at = 0;
    for (; at + 8 <= bytes.size(); at += 8) {
        uint64_t word = 0;
        std::memcpy(&word, bytes.data() + at, sizeof word);
        word ^= wide;
        std::memcpy(bytes.data() + at, &word, sizeof word);
    }
    for (; at < bytes.size(); ++at) {
        bytes[at] = static_cast<char>(static_cast<uint8_t>(bytes[at]) ^ turned[at % 8]);
    }
}

}  // namespace wse::net
