// SPDX-License-Identifier: MIT
#include "http_client/url.h"

#include <charconv>

namespace wse::http {
namespace {

constexpr uint16_t kHttp = 80;
constexpr uint16_t kHttps = 443;

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_plain(std::string_view text) {
    for (const char c : text) {
        if (c <= 0x20 || c >= 0x7f) return false;
    }
    return true;
}

bool is_host(std::string_view text, bool in_brackets) {
    for (const char c : text) {
        const bool known =
            is_letter_or_digit(c) || c == '.' || (in_brackets ? c == ':' : c == '-' || c == '_');
        if (!known) return false;
    }
    return !text.empty() && text.size() < 256;
}

bool read_port(std::string_view text, uint16_t &port) {
    if (text.empty()) return true;
    if (text.front() != ':') return false;
    const char *const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + 1, end, port);
    return error == std::errc() && stop == end && port != 0;
}

bool read_authority(std::string_view text, Url &ret) {
    const bool in_brackets = !text.empty() && text.front() == '[';
    if (in_brackets) text.remove_prefix(1);
    const size_t end = std::min(text.find(in_brackets ? ']' : ':'), text.size());
    ret.host = text.substr(0, end);
    text.remove_prefix(end);
    if (in_brackets) {
        if (text.empty()) return false;
        text.remove_prefix(1);
    }
    return is_host(ret.host, in_brackets) && read_port(text, ret.port);
}

}  // namespace

std::string Url::authority() const {
    std::string text = host.find(':') == std::string::npos ? host : '[' + host + ']';
    if (port != (tls ? kHttps : kHttp)) text += ':' + std::to_string(port);
    return text;
}

std::string Url::origin() const {
    return (tls ? "https://" : "http://") + authority();
}

bool Url::is_loopback() const {
    return host == "localhost" || host == "127.0.0.1" || host == "::1";
}

std::optional<Url> parse_url(std::string_view text) {
    if (text.size() > kMaxUrl || !is_plain(text)) return std::nullopt;
    Url url;
    for (const auto &[scheme, tls] : {std::pair("http://", false), std::pair("https://", true)}) {
        if (!text.starts_with(scheme)) continue;
        url.tls = tls;
        url.port = tls ? kHttps : kHttp;
        text.remove_prefix(std::string_view(scheme).size());
        text = text.substr(0, text.find('#'));
        const size_t end = std::min(text.find_first_of("/?"), text.size());
        if (!read_authority(text.substr(0, end), url)) return std::nullopt;
        url.target = text.substr(end);
        if (url.target.empty() || url.target.front() != '/') url.target.insert(0, 1, '/');
        return url;
    }
    return std::nullopt;
}

std::string percent_encode(std::string_view text) {
    static constexpr char kHex[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        if (is_letter_or_digit(c) || c == '-' || c == '.' || c == '_' || c == '~') {
            out += c;
            continue;
        }
        const auto octet = static_cast<uint8_t>(c);
        out += '%';
        out += kHex[octet >> 4];
        out += kHex[octet & 15];
    }
    return out;
}

}  // namespace wse::http
