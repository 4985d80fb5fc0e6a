// SPDX-License-Identifier: MIT
// What becomes of a message of a backend.
#pragma once

#include <string>
#include <utility>

namespace wse::app_socket {

// Why a message is refused: a word for programs and a sentence that says what to do.
struct Problem {
    const char *code = nullptr;  // null: there is none
    std::string text;
};

struct Step {
    bool is_later = false;  // not now: the message comes again
    Problem problem;        // the connection ends with it

    static Step done() { return {}; }
    static Step later() { return {true, {}}; }
    static Step wrong(const char *code, std::string text) {
        return {false, {code, std::move(text)}};
    }
};

}  // namespace wse::app_socket
