// SPDX-License-Identifier: MIT
// Asking: what a session holds while applications are asked about what its client wants.
//
//     rights → questions → its turn → rights again, with the answers → effect
//
// What a client sends about topics takes effect in the order in which it came: while something is
// asked, what comes after it waits behind it. Its own questions are out meanwhile, so that the
// client waits for the slowest answer and not for all of them one after the other.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "module/application.h"

namespace wse::session {

struct Asking {
    struct Question {
        std::string application;
        std::string topic;  // or a pattern
        std::unique_ptr<module::Pending> pending = {};
        std::optional<Result<module::Reply>> answer = {};
    };
    struct Step {
        uint64_t number = 0;
        std::string text = {};                 // what the client has sent; empty:
        std::vector<std::string> topics = {};  // the server subscribes these for it
        bool proven = false;                   // its signature was found right
        module::About about = module::About::kSubscribe;
        std::string type = {};
        std::string data = {};
        uint64_t until_ms = 0;  // answers that come later count for nothing
        std::vector<Question> questions = {};
        size_t asked = 0;  // of them, from the front
        size_t open = 0;   // without an answer

        size_t bytes() const { return text.size() + type.size() + data.size(); }
    };

    std::deque<Step> line;
    const Step *due = nullptr;  // the one whose turn it is, while it is handled
    size_t out = 0;             // questions
    size_t bytes = 0;           // of the line
    uint64_t last_number = 0;
};

}  // namespace wse::session
