// SPDX-License-Identifier: MIT
#include "redis_client/url.h"

#include <algorithm>
#include <charconv>

namespace wse::redis {
namespace {

constexpr std::string_view kTcp = "redis://";
constexpr std::string_view kUnix = "unix://";
constexpr size_t kMaxPath = 107;  // of a Unix socket's address

template <class Number>
bool read_number(std::string_view text, Number &ret) {
    const char *const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, ret);
    return !text.empty() && error == std::errc() && stop == end;
}

std::optional<std::string> decode(std::string_view text) {
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        uint8_t octet = 0;
        const std::string_view digits = text.substr(std::min(i + 1, text.size()), 2);
        const auto [stop, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), octet, 16);
        if (digits.size() != 2 || error != std::errc() || stop != digits.data() + 2)
            return std::nullopt;
        out += static_cast<char>(octet);
        i += 2;
    }
    return out;
}

// user:password, :password, or a password alone.
bool read_credentials(std::string_view text, Url &ret) {
    const size_t colon = text.find(':');
    const auto user = decode(colon == std::string_view::npos ? "" : text.substr(0, colon));
    const auto password = decode(colon == std::string_view::npos ? text : text.substr(colon + 1));
    if (!user || !password || password->empty()) return false;
    ret.user = *user;
    ret.password = *password;
    return true;
}

bool read_host(std::string_view text, Url &ret) {
    const bool in_brackets = !text.empty() && text.front() == '[';
    if (in_brackets) text.remove_prefix(1);
    const size_t end = std::min(text.find(in_brackets ? ']' : ':'), text.size());
    ret.host = text.substr(0, end);
    text.remove_prefix(end);
    if (in_brackets) {
        if (text.empty()) return false;
        text.remove_prefix(1);
    }
    const bool plain =
        std::all_of(ret.host.begin(), ret.host.end(), [](char c) { return c > 0x20 && c < 0x7f; });
    if (ret.host.empty() || !plain) return false;
    return text.empty() ||
           (text.front() == ':' && read_number(text.substr(1), ret.port) && ret.port != 0);
}

}  // namespace

std::string Url::shown() const {
    if (!path.empty()) return std::string(kUnix) + path;
    const bool address = host.find(':') != std::string::npos;
    return std::string(kTcp) + (address ? '[' + host + ']' : host) + ':' + std::to_string(port) +
           '/' + std::to_string(database);
}

std::optional<Url> parse_url(std::string_view text, std::string &ret_problem) {
    Url url;
    if (text.starts_with(kUnix)) {
        url.path = text.substr(kUnix.size());
        if (!url.path.empty() && url.path.front() == '/' && url.path.size() <= kMaxPath) return url;
        ret_problem = "unix:// wants the absolute path of a socket, at most 107 bytes";
        return std::nullopt;
    }
    if (!text.starts_with(kTcp)) {
        ret_problem = "is neither redis://[:password@]host[:port][/database] nor unix:///path";
        return std::nullopt;
    }
    text.remove_prefix(kTcp.size());
    const size_t at = text.rfind('@');
    if (at != std::string_view::npos) {
        if (!read_credentials(text.substr(0, at), url)) {
            ret_problem = "the part before '@' is not [user]:password";
            return std::nullopt;
        }
        text.remove_prefix(at + 1);
    }
    const size_t slash = std::min(text.find('/'), text.size());
    if (!read_host(text.substr(0, slash), url)) {
        ret_problem = "has no host[:port]";
        return std::nullopt;
    }
    const std::string_view database = text.substr(std::min(slash + 1, text.size()));
    if (!database.empty() && !read_number(database, url.database)) {
        ret_problem = "what follows the host is not the number of a database";
        return std::nullopt;
    }
    return url;
}

}  // namespace wse::redis
