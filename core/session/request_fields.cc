// SPDX-License-Identifier: MIT
#include "session/request_fields.h"

#include <algorithm>
#include <cctype>
#include <map>

#include "base/json_writer.h"
#include "base/utf8.h"

namespace wse::session {
namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string percent_decode(std::string_view text) {
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
            hex_digit(text[i + 2]) >= 0) {
            out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
            i += 2;
        } else {
            out += text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

// Takes the piece before the separator off `rest`.
std::string_view next_piece(std::string_view &rest, char separator) {
    const size_t end = std::min(rest.find(separator), rest.size());
    const std::string_view piece = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return piece;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        return std::tolower(static_cast<unsigned char>(x)) ==
               std::tolower(static_cast<unsigned char>(y));
    });
}

std::string_view bearer_token(std::string_view authorization) {
    constexpr std::string_view kScheme = "bearer ";
    if (!equal_ignoring_case(authorization.substr(0, kScheme.size()), kScheme)) return {};
    return trim(authorization.substr(kScheme.size()));
}

bool is_absent(std::string_view token) {
    return token.empty() || token == "undefined" || token == "null";
}

}  // namespace

std::string query_value(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        std::string_view value = next_piece(query, '&');
        if (next_piece(value, '=') == name) return percent_decode(value);
    }
    return {};
}

std::string query_object(std::string_view query) {
    constexpr size_t kMaxParameters = 32;
    std::map<std::string, std::string> members;
    while (!query.empty() && members.size() < kMaxParameters) {
        std::string_view value = next_piece(query, '&');
        std::string name = percent_decode(next_piece(value, '='));
        std::string text = percent_decode(value);
        if (!name.empty() && name != "token" && is_utf8(name) && is_utf8(text))
            members.emplace(std::move(name), std::move(text));
    }
    JsonWriter out;
    out.begin_object();
    for (const auto &[name, value] : members) out.member(name, value);
    out.end_object();
    return out.take();
}

std::string cookie_value(const net::RequestHead &head, std::string_view name) {
    for (const auto &header : head.headers) {
        if (header.name != "cookie") continue;
        std::string_view rest = header.value;
        while (!rest.empty()) {
            std::string_view value = next_piece(rest, ';');
            if (trim(next_piece(value, '=')) != name) continue;
            value = trim(value);
            if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
                value = value.substr(1, value.size() - 2);
            return std::string(value);
        }
    }
    return {};
}

FoundCredential find_credential(const net::RequestHead &head, const config::Listen &listen) {
    using module::Credential;
    if (!listen.token_cookie.empty()) {
        std::string cookie = cookie_value(head, listen.token_cookie);
        if (!is_absent(cookie)) return {Credential::kCookie, std::move(cookie)};
    }
    const std::string_view bearer = bearer_token(head.header("authorization"));
    if (!is_absent(bearer)) return {Credential::kBearer, std::string(bearer)};
    if (listen.token_query) {
        std::string token = query_value(head.query, "token");
        if (!is_absent(token)) return {Credential::kQuery, std::move(token)};
    }
    return {};
}

bool origin_allowed(const net::RequestHead &head, const config::Listen &listen) {
    const auto is_origin = [](const net::Header &header) { return header.name == "origin"; };
    const auto count = std::count_if(head.headers.begin(), head.headers.end(), is_origin);
    if (count == 0) return true;
    if (count > 1) return false;
    const std::string_view origin = head.header("origin");
    if (listen.origins.empty()) {
        const size_t scheme = origin.find("://");
        return scheme != std::string_view::npos &&
               equal_ignoring_case(origin.substr(scheme + 3), head.header("host"));
    }
    return std::any_of(listen.origins.begin(), listen.origins.end(),
                       [&](const std::string &allowed) {
                           return allowed == "*" || equal_ignoring_case(allowed, origin);
                       });
}

}  // namespace wse::session
