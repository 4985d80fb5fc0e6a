// SPDX-License-Identifier: MIT
// Answers to what clients ask about their connection's encryption.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace wse::proto {

struct EncryptionState {
    bool enabled = false;
    bool signing = false;
};
std::string encryption_response(const EncryptionState &state);

// `reply` is what the cipher has said, a JSON object with members.
std::string key_rotation_response(std::string_view reply, uint64_t wall_ms);

}  // namespace wse::proto
