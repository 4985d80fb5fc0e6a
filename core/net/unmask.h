// SPDX-License-Identifier: MIT
// Removing the mask of a client's frame (RFC 6455 section 5.3), in place.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace wse::net {

using Mask = std::array<uint8_t, 4>;

// `position` is the place of bytes[0] in the frame's payload.
void unmask(std::span<char> bytes, const Mask &mask, uint64_t position);

}  // namespace wse::net
