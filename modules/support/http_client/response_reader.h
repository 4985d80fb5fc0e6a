// SPDX-License-Identifier: MIT
// ResponseReader: one HTTP/1.1 response out of the octets of a connection.
#pragma once

#include <http_parser.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wse::http {

struct Header {
    std::string name;
    std::string value;
};

struct Response {
    int status = 0;
    std::vector<Header> headers;  // names in lower case
    std::string body;

    // The first one of this name, in lower case; empty when there is none.
    std::string_view header(std::string_view name) const;
};

class ResponseReader {
public:
    static constexpr size_t kMaxHead = 16384;  // octets of names and values
    static constexpr size_t kMaxHeaders = 100;

    explicit ResponseReader(uint64_t max_body);
    ResponseReader(const ResponseReader &) = delete;
    ResponseReader &operator=(const ResponseReader &) = delete;

    enum class Step { kMore, kDone, kTooBig, kMalformed };
    Step feed(std::string_view bytes);
    // The connection has ended in good order: kDone when that is the end of the body.
    Step feed_end();

    // After kDone: may another request follow on the connection?
    bool reusable() const { return reusable_; }
    Response take() { return std::move(response_); }
    // kMalformed: one sentence, with nothing of what came.
    const char *problem() const { return problem_; }

private:
    static const http_parser_settings &settings();
    template <class Action>
    int guard(Action action) noexcept;
    bool add_name(std::string_view part);  // false: no more, as the others
    bool add_value(std::string_view part);
    bool add_body(std::string_view part);
    bool grow(size_t octets);
    int end_head();
    int end_message();
    Step step_after(size_t taken, size_t given);

    const uint64_t max_body_;
    http_parser parser_{};
    Response response_;
    size_t head_ = 0;
    bool in_value_ = false;
    bool done_ = false;
    bool too_big_ = false;
    bool out_of_memory_ = false;
    bool reusable_ = false;
    const char *problem_ = "";
};

}  // namespace wse::http
