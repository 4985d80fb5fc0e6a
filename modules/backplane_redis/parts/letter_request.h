// SPDX-License-Identifier: MIT
// What an operator asks about dead letters.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wse::backplane_redis::parts {

struct LetterRequest {
    enum class Kind { kTopics, kLetters, kReplay, kDrop };
    Kind kind = Kind::kTopics;
    std::string topic;
    std::string id;  // empty: all of the topic
    uint64_t limit = 100;
};

// Empty, and one sentence, when the JSON is none.
std::optional<LetterRequest> read_letter_request(std::string_view json, std::string &ret_problem);

// For the log and for JSON: what is no UTF-8 has '?' in place of the foreign octets, control
// characters likewise.
std::string printable(std::string_view text);

}  // namespace wse::backplane_redis::parts
