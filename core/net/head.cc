// SPDX-License-Identifier: MIT
#include "net/head.h"

#include <algorithm>

#include "net/head_parse.h"

namespace wse::net {
namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

size_t HeadReader::feed(std::string_view bytes) {
    size_t used = 0;
    while (used < bytes.size() && state_ == State::kMore) {
        if (!take(bytes[used])) break;
        ++used;
    }
    return used;
}

bool HeadReader::take(char octet) {
    if (text_.size() >= max_bytes_) return fail(431, "the request head is too long");
    text_.push_back(octet);
    if (after_cr_) {
        after_cr_ = false;
        return octet == '\n' ? end_line() : fail(400, "a carriage return stands alone");
    }
    if (octet == '\r') {
        after_cr_ = true;
        return true;
    }
    if (octet == '\n') return fail(400, "a line feed stands alone");
    const auto value = static_cast<unsigned char>(octet);
    if ((value < 0x20 && octet != '\t') || value == 0x7f) {
        return fail(400, "a control character stands in the request head");
    }
    if (line_length_ == 0 && (octet == ' ' || octet == '\t')) {
        return fail(400, lines_ == 0 ? "the request line starts with a blank"
                                     : "a header is folded over two lines");
    }
    ++line_length_;
    return true;
}

bool HeadReader::end_line() {
    if (line_length_ == 0) {
        if (lines_ == 0) return fail(400, "the request line is empty");
        finish();
        return true;
    }
    line_length_ = 0;
    ++lines_;
    if (lines_ > max_headers_ + 1) return fail(431, "the request has too many headers");
    return true;
}

bool HeadReader::fail(int status, std::string_view text) {
    state_ = State::kFailed;
    error_ = {status, std::string(text), {}};
    return false;
}

void HeadReader::finish() {
    error_ = parse_head(text_, request_);
    state_ = error_.status ? State::kFailed : State::kDone;
}

std::string_view RequestHead::header(std::string_view name) const {
    const auto found = std::find_if(headers.begin(), headers.end(),
                                    [&](const Header &header) { return header.name == name; });
    return found == headers.end() ? std::string_view() : std::string_view(found->value);
}

bool is_token(std::string_view text) {
    return !text.empty() && text.find_first_not_of(kTokenCharacters) == std::string_view::npos;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) {
    const size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool has_token(const RequestHead &head, std::string_view name, std::string_view token) {
    return has_token(head.headers, name, token);
}

bool has_token(const std::vector<Header> &headers, std::string_view name, std::string_view token) {
    for (const Header &header : headers) {
        if (!equals_ignoring_case(header.name, name)) continue;
        std::string_view rest = header.value;
        while (true) {
            const size_t comma = rest.find(',');
            if (equals_ignoring_case(trimmed(rest.substr(0, comma)), token)) return true;
            if (comma == std::string_view::npos) break;
            rest.remove_prefix(comma + 1);
        }
    }
    return false;
}

size_t count_headers(const RequestHead &head, std::string_view name) {
    return static_cast<size_t>(
        std::count_if(head.headers.begin(), head.headers.end(),
                      [&](const Header &header) { return header.name == name; }));
}

}  // namespace wse::net
