// SPDX-License-Identifier: MIT
#include "net/answer_head.h"

#include <algorithm>

#include "net/head_parse.h"
#include "net/hop_by_hop.h"

namespace wse::net {
namespace {

constexpr size_t kMaxBytes = 64 * 1024;
constexpr size_t kMaxHeaders = 256;

bool has_controls(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
    });
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::string_view header_of(const AnswerHead &head, std::string_view name) {
    for (const Header &header : head.headers) {
        if (equals_ignoring_case(header.name, name)) return header.value;
    }
    return {};
}

size_t count_of(const AnswerHead &head, std::string_view name) {
    return static_cast<size_t>(std::count_if(
        head.headers.begin(), head.headers.end(),
        [&](const Header &header) { return equals_ignoring_case(header.name, name); }));
}

void add(std::string &out, std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

size_t AnswerReader::feed(std::string_view bytes) {
    size_t used = 0;
    while (used < bytes.size() && state_ == State::kMore) {
        const char octet = bytes[used++];
        bool good = ++bytes_ <= kMaxBytes;
        if (octet != '\n') {
            line_.push_back(octet);
        } else {
            if (line_.ends_with('\r')) line_.pop_back();
            good = good && end_line();
            line_.clear();
        }
        if (!good) state_ = State::kFailed;
    }
    return used;
}

bool AnswerReader::end_line() {
    if (has_controls(line_)) return false;
    if (head_.status == 0) return take_status();
    return line_.empty() ? finish() : take_header();
}

// "HTTP/1.1 200 OK"; the reason may be missing, also with its blank.
bool AnswerReader::take_status() {
    const std::string_view line = line_;
    constexpr size_t kCode = 9;
    if (!line.starts_with("HTTP/1.") || line.size() < kCode + 3) return false;
    const std::string_view code = line.substr(kCode, 3);
    if (!is_digit(line[7]) || line[8] != ' ' || !std::all_of(code.begin(), code.end(), is_digit) ||
        code[0] < '1' || code[0] > '5' || (line.size() > kCode + 3 && line[kCode + 3] != ' ')) {
        return false;
    }
    minor_version_ = line[7] == '0' ? 0 : 1;
    head_.status = (code[0] - '0') * 100 + (code[1] - '0') * 10 + (code[2] - '0');
    head_.line = line.substr(kCode);
    return true;
}

bool AnswerReader::take_header() {
    const std::string_view line = line_;
    if (line.front() == ' ' || line.front() == '\t') {
        if (head_.headers.empty()) return false;
        head_.headers.back().value.append(" ").append(trimmed(line));
        return true;
    }
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || head_.headers.size() == kMaxHeaders) return false;
    // A blank before the colon is taken out, as RFC 9112 section 5.1 wants of a proxy.
    const std::string_view name = trimmed(line.substr(0, colon));
    if (!is_token(name)) return false;
    head_.headers.push_back({std::string(name), std::string(trimmed(line.substr(colon + 1)))});
    return true;
}

bool AnswerReader::finish() {
    state_ = State::kDone;
    if (head_.is_interim()) return true;
    return take_framing();
}

bool AnswerReader::take_framing() {
    const size_t codings = count_of(head_, "transfer-encoding");
    const size_t lengths = count_of(head_, "content-length");
    if (codings + lengths > 1) return false;
    head_.body = BodyKind::kUntilClose;
    if (codings) {
        const bool chunked = equals_ignoring_case(header_of(head_, "transfer-encoding"), "chunked");
        if (!chunked || minor_version_ == 0) return false;
        head_.body = BodyKind::kChunked;
    }
    if (lengths) {
        if (!read_length(header_of(head_, "content-length"), head_.content_length)) return false;
        head_.body = head_.content_length ? BodyKind::kLength : BodyKind::kNone;
    }
    if (to_head_ || head_.status == 204 || head_.status == 304) head_.body = BodyKind::kNone;
    return true;
}

AnswerForm answer_form(const AnswerHead &head, uint8_t minor_version, bool keeps) {
    const bool unknown = head.body == BodyKind::kChunked || head.body == BodyKind::kUntilClose;
    const bool chunked = unknown && minor_version > 0;
    return {.chunked = chunked, .closes = !keeps || (unknown && !chunked)};
}

std::string forwarded_answer(const AnswerHead &head, AnswerForm form) {
    std::string out = "HTTP/1.1 " + head.line + "\r\n";
    for (const Header &header : head.headers) {
        const bool announces = form.chunked && equals_ignoring_case(header.name, "trailer");
        if (is_hop_by_hop(header.name) && !announces) continue;
        if (has_token(head.headers, "connection", header.name)) continue;
        add(out, header.name, header.value);
    }
    if (head.status == 101) {
        add(out, "Upgrade", header_of(head, "upgrade"));
        add(out, "Connection", "Upgrade");
        return out + "\r\n";
    }
    if (form.chunked) add(out, "Transfer-Encoding", "chunked");
    if (!form.chunked && !head.is_interim() && head.status != 204 &&
        count_of(head, "content-length")) {
        add(out, "Content-Length", std::to_string(head.content_length));
    }
    if (form.closes && !head.is_interim()) add(out, "Connection", "close");
    return out + "\r\n";
}

}  // namespace wse::net
