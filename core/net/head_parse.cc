// SPDX-License-Identifier: MIT
#include "net/head_parse.h"

#include <http_parser.h>

#include <algorithm>

namespace wse::net {
namespace {

// http_parser gives names and values in pieces; a piece of a name after a value starts a header.
struct Collected {
    std::string target;
    std::vector<Header> headers;
    bool in_value = false;
    bool complete = false;
};

Collected &collected(http_parser *parser) {
    return *static_cast<Collected *>(parser->data);
}

int on_target(http_parser *parser, const char *at, size_t size) noexcept {
    collected(parser).target.append(at, size);
    return 0;
}

int on_name(http_parser *parser, const char *at, size_t size) noexcept {
    Collected &into = collected(parser);
    if (into.headers.empty() || into.in_value) into.headers.emplace_back();
    into.in_value = false;
    into.headers.back().name.append(at, size);
    return 0;
}

int on_value(http_parser *parser, const char *at, size_t size) noexcept {
    Collected &into = collected(parser);
    into.in_value = true;
    into.headers.back().value.append(at, size);
    return 0;
}

int on_complete(http_parser *parser) noexcept {
    collected(parser).complete = true;
    return 0;
}

http_parser_settings make_settings() {
    http_parser_settings settings;
    http_parser_settings_init(&settings);
    settings.on_url = on_target;
    settings.on_header_field = on_name;
    settings.on_header_value = on_value;
    settings.on_headers_complete = on_complete;
    return settings;
}

HttpError refuse(int status, std::string_view text) {
    return {status, std::string(text), {}};
}

// Distributions build http_parser in its lenient mode: it lets blanks pass in names and "HTTQ" as
// the protocol. So both are checked here.
HttpError check_request_line(std::string_view line) {
    const size_t first = line.find(' ');
    const size_t last = line.rfind(' ');
    if (first == std::string_view::npos || std::count(line.begin(), line.end(), ' ') != 2 ||
        last == first + 1) {
        return refuse(400, "the request line is malformed");
    }
    const std::string_view version = line.substr(last + 1);
    const auto digit = [&](size_t at) { return version[at] >= '0' && version[at] <= '9'; };
    if (version.size() != 8 || !version.starts_with("HTTP/") || !digit(5) || version[6] != '.' ||
        !digit(7)) {
        return refuse(400, "the request line does not end with an HTTP version");
    }
    // HTTP/2's preface, "PRI * HTTP/2.0", comes here too.
    if (version[5] != '1') return refuse(505, "only HTTP/1.1 is spoken here");
    return {};
}

void normalise(Header &header) {
    for (char &c : header.name) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    std::string &value = header.value;
    value.erase(value.find_last_not_of(" \t") + 1);
    value.erase(0, std::min(value.find_first_not_of(" \t"), value.size()));
}

HttpError take_target(std::string_view target, RequestHead &head) {
    // Proxies are asked with "http://host/path", CONNECT with "host:port", OPTIONS with "*".
    if (target.empty() || target[0] != '/') {
        return refuse(400, "the request target is not a path; this server is not a proxy");
    }
    const bool printable =
        std::all_of(target.begin(), target.end(), [](char c) { return c > 0x20 && c < 0x7f; });
    if (!printable) return refuse(400, "the request target has characters that must be escaped");
    if (target.find('#') != std::string_view::npos) {
        return refuse(400, "the request target has a fragment");
    }
    const size_t mark = target.find('?');
    head.path = target.substr(0, mark);
    if (mark != std::string_view::npos) head.query = target.substr(mark + 1);
    return {};
}

HttpError take_body_framing(Request &request) {
    const RequestHead &head = request.head;
    const size_t lengths = count_headers(head, "content-length");
    const size_t codings = count_headers(head, "transfer-encoding");
    if (lengths > 1 || codings > 1 || (lengths && codings)) {
        return refuse(400, "the length of the body is given twice");
    }
    if (lengths) {
        if (!read_length(head.header("content-length"), request.content_length)) {
            return refuse(400, "content-length is not a number");
        }
        request.body = request.content_length ? BodyKind::kLength : BodyKind::kNone;
    }
    if (codings) {
        if (request.minor_version == 0) return refuse(400, "transfer-encoding in HTTP/1.0");
        if (!equals_ignoring_case(head.header("transfer-encoding"), "chunked")) {
            return refuse(501, "the transfer coding is not supported; use chunked");
        }
        request.body = BodyKind::kChunked;
    }
    return {};
}

// There are readers that take such a name for the one it begins with.
bool seems_framing(std::string_view name) {
    for (const std::string_view framing : {"content-length", "transfer-encoding"}) {
        if (name.size() > framing.size() && name.starts_with(framing)) return true;
    }
    return false;
}

HttpError check_head(const http_parser &parser, Request &request) {
    if (parser.method == HTTP_CONNECT || parser.method == HTTP_TRACE) {
        return {405, "this method is not served here", "Allow: GET, HEAD, POST, PUT, DELETE\r\n"};
    }
    for (Header &header : request.head.headers) {
        if (!is_token(header.name)) return refuse(400, "a header has a malformed name");
        normalise(header);
        if (seems_framing(header.name))
            return refuse(400, "a header's name begins as one that says where the body ends");
    }
    const size_t hosts = count_headers(request.head, "host");
    if (hosts > 1) return refuse(400, "the host header is given twice");
    if (hosts == 0 && request.minor_version > 0) return refuse(400, "the host header is missing");
    return take_body_framing(request);
}

}  // namespace

bool read_length(std::string_view text, uint64_t &out) {
    if (text.empty() || text.size() > 18) return false;
    out = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return false;
        out = out * 10 + static_cast<uint64_t>(c - '0');
    }
    return true;
}

HttpError parse_head(std::string_view text, Request &out) {
    static const http_parser_settings settings = make_settings();
    HttpError error = check_request_line(text.substr(0, text.find("\r\n")));
    if (error.status) return error;

    Collected found;
    http_parser parser;
    http_parser_init(&parser, HTTP_REQUEST);
    parser.data = &found;
    const size_t used = http_parser_execute(&parser, &settings, text.data(), text.size());
    if (HTTP_PARSER_ERRNO(&parser) != HPE_OK || !found.complete || used != text.size()) {
        return refuse(400, http_errno_description(HTTP_PARSER_ERRNO(&parser)));
    }
    out.head.method = http_method_str(static_cast<http_method>(parser.method));
    out.minor_version = parser.http_minor == 0 ? 0 : 1;
    out.head.headers = std::move(found.headers);
    error = check_head(parser, out);
    return error.status ? error : take_target(found.target, out.head);
}

}  // namespace wse::net
