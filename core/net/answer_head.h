// SPDX-License-Identifier: MIT
// The head of the fallback's answer: read, and written anew for the client. The application is not
// a stranger, so what is merely old-fashioned passes (a bare line feed, a folded line); what could
// make a client end the answer elsewhere than we do does not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "net/head.h"

namespace wse::net {

struct AnswerHead {
    int status = 0;
    std::string line;             // code and reason, "200 OK"
    std::vector<Header> headers;  // with their names as they came
    BodyKind body = BodyKind::kNone;
    uint64_t content_length = 0;  // also of a body that does not come, as for HEAD

    bool is_interim() const { return status < 200; }
};

class AnswerReader {
public:
    enum class State : uint8_t { kMore, kDone, kFailed };

    // `to_head`: the request was HEAD, so no body follows.
    explicit AnswerReader(bool to_head) : to_head_(to_head) {}

    // Takes what belongs to the head and says how many octets that was.
    size_t feed(std::string_view bytes);
    State state() const { return state_; }
    const AnswerHead &head() const { return head_; }  // kDone

private:
    bool end_line();
    bool take_status();
    bool take_header();
    bool finish();
    bool take_framing();

    bool to_head_;
    State state_ = State::kMore;
    size_t bytes_ = 0;
    std::string line_;
    uint8_t minor_version_ = 1;
    AnswerHead head_;
};

// What the client is told beside what the application says.
struct AnswerForm {
    bool chunked = false;  // the body that follows is in chunks
    bool closes = false;   // the connection ends with this answer
};

// The form in which the body of `head` goes to a client of HTTP/1.`minor_version`; `keeps`: it
// would send another request on this connection.
AnswerForm answer_form(const AnswerHead &head, uint8_t minor_version, bool keeps);

// Without what concerns the connection to the application alone. A 101 keeps its upgrade.
std::string forwarded_answer(const AnswerHead &head, AnswerForm form);

}  // namespace wse::net
