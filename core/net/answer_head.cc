// SPDX-License-Identifier: MIT
#include "net/answer_head.h"

#include <algorithm>
#include <array>

#include "net/head.h"

namespace wse::net {
namespace {

// What servers say of the connection to us (RFC 9110 section 7.6.1).
constexpr std::array<std::string_view, 3> kOfTheConnection = {"connection", "keep-alive",
                                                              "proxy-connection"};

// The line at the front of `text`, with its end.
std::string_view first_line(std::string_view text) {
    return text.substr(0, std::min(text.find('\n'), text.size() - 1) + 1);
}

bool is_blank(std::string_view line) {
    return line == "\r\n" || line == "\n";
}

bool is_of_the_connection(std::string_view line) {
    const std::string_view name = line.substr(0, line.find(':'));
    return std::any_of(kOfTheConnection.begin(), kOfTheConnection.end(),
                       [&](std::string_view one) { return equals_ignoring_case(name, one); });
}

void rewrite(std::string_view head, std::string &out) {
    bool dropped = false;
    while (!head.empty()) {
        const std::string_view line = first_line(head);
        head.remove_prefix(line.size());
        if (is_blank(line)) out += "Connection: close\r\n";
        // A folded line belongs to the one before it.
        const bool folded = line.front() == ' ' || line.front() == '\t';
        if (!folded) dropped = is_of_the_connection(line);
        if (!dropped) out += line;
    }
}

}  // namespace

bool AnswerHead::feed(std::string_view bytes, std::string &out) {
    if (passed_) {
        out += bytes;
        return true;
    }
    head_ += bytes;
    while (!passed_) {
        constexpr std::string_view kStart = "HTTP/1.";
        const std::string_view start = std::string_view(head_).substr(0, kStart.size());
        if (start != kStart.substr(0, start.size())) return false;
        const size_t size = head_size();
        if (size == 0) return head_.size() <= kMaxBytes;
        const std::string_view head = std::string_view(head_).substr(0, size);
        // "HTTP/1.1 100 Continue": another head follows.
        const bool interim = size > 9 && head[9] == '1';
        if (interim) {
            out += head;
        } else {
            rewrite(head, out);
            passed_ = true;
        }
        head_.erase(0, size);
    }
    out += head_;
    std::string().swap(head_);
    return true;
}

// With its empty line; 0 while that has not come.
size_t AnswerHead::head_size() const {
    for (size_t at = head_.find('\n'); at != std::string::npos; at = head_.find('\n', at + 1)) {
        const std::string_view rest = std::string_view(head_).substr(at + 1);
        if (rest.starts_with("\n")) return at + 2;
        if (rest.starts_with("\r\n")) return at + 3;
    }
    return 0;
}

}  // namespace wse::net
