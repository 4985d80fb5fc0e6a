// SPDX-License-Identifier: MIT
// Questions of each kind with inputs that nobody expects, and what is owed for them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "play.h"

namespace wse::check {

// A question that the module took.
struct Asked {
    std::string what;              // "request with an empty topic"
    const uint32_t *answers;       // 1 in the end
    std::function<void()> cancel;  // empty: the module has none
    std::function<void()> judge;   // looks at the answer, once there is one
    std::shared_ptr<void> token;   // what the module holds
};

// Does the kind have questions?
bool has_questions(wse_kind kind);
// How many different ones ask() knows.
size_t question_count(wse_kind kind);
// Asks the module number `which`, with so long a deadline; adds to `asked` when it took it.
void ask(Play &play, size_t which, uint64_t deadline_ms, std::vector<Asked> &asked);

// What is odd about an input, and the input.
struct Odd {
    const char *what;
    std::string text;
};
// For topics, credentials and whatever is no JSON; the first is a plain one.
const std::vector<Odd> &odd_texts();
// For what is JSON when it is sound.
const std::vector<Odd> &odd_objects();

// A view: `text` must be there as long as it is used.
wse_bytes bytes_of(const std::string &text);
wse_bytes bytes_of(std::string &&text) = delete;

}  // namespace wse::check
