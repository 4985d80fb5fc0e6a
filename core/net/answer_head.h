// SPDX-License-Identifier: MIT
// AnswerHead: the head of the fallback's answer, on its way to the client. It says what is true of
// our side: the connection ends with this answer. A client that keeps connections alive would send
// its next request into the end of this one.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace wse::net {

class AnswerHead {
public:
    // Appends to `out` what can go to the client: nothing before the head is whole, everything
    // behind it. Interim answers (1xx) go on as they are. False: this is no HTTP/1 answer, or its
    // head is over the limit.
    bool feed(std::string_view bytes, std::string &out);

private:
    static constexpr size_t kMaxBytes = 64 * 1024;

    size_t head_size() const;

    std::string head_;  // what has come of it
    bool passed_ = false;
};

}  // namespace wse::net
