// SPDX-License-Identifier: MIT
#include "config/address.h"

#include <arpa/inet.h>
#include <sys/un.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace wse::config {
namespace {

Error refuse(std::string_view text, std::string_view why) {
    return {WSE_EINVAL, '\'' + std::string(text) + "' " + std::string(why)};
}

std::optional<uint16_t> parse_port(std::string_view text) {
    uint16_t port = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (status != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return port;
}

struct HostPort {
    std::string_view host;  // with its brackets
    std::string_view port;
    bool has_port = false;
};

HostPort split(std::string_view text) {
    const size_t bracket = text.substr(0, 1) == "[" ? text.find(']') : 0;
    const size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
    if (colon == std::string_view::npos) return {text, {}, false};
    return {text.substr(0, colon), text.substr(colon + 1), true};
}

bool is_ip(int family, const std::string &text) {
    unsigned char parsed[16];
    return inet_pton(family, text.c_str(), parsed) == 1;
}

bool is_bracketed_v6(std::string_view host) {
    return host.size() > 2 && host.front() == '[' && host.back() == ']' &&
           is_ip(AF_INET6, std::string(host.substr(1, host.size() - 2)));
}

// A name or address as a URL has it.
bool is_host(std::string_view host) {
    if (is_bracketed_v6(host)) return true;
    return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '.' || c == '_';
    });
}

constexpr std::string_view kUnixScheme = "unix:";
constexpr size_t kMaxUnixPath = sizeof(sockaddr_un::sun_path) - 1;

Result<void> check_unix_path(std::string_view text, std::string_view path) {
    if (path.substr(0, 1) != "/")
        return refuse(text, "has no absolute path, as in unix:/run/app.sock");
    if (path.size() > kMaxUnixPath) {
        return refuse(text, "has a path of more than " + std::to_string(kMaxUnixPath) + " bytes");
    }
    return {};
}

bool has_upper_case(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace

Result<Address> parse_address(std::string_view text) {
    if (is_ip(AF_INET6, std::string(text))) {
        return refuse(text, "has no port, or an IPv6 address without brackets: \"[::1]:5006\"");
    }
    const HostPort parts = split(text);
    if (!parts.has_port) return refuse(text, "has no port: \"127.0.0.1:5006\"");
    const auto port = parse_port(parts.port);
    if (!port) return refuse(text, "has no port from 0 to 65535 behind its ':'");
    if (is_bracketed_v6(parts.host)) {
        return Address{std::string(parts.host.substr(1, parts.host.size() - 2)), *port, true};
    }
    if (parts.host.empty()) return refuse(text, "has no IP address, \"0.0.0.0\" is every one");
    const std::string ip(parts.host);
    if (!is_ip(AF_INET, ip)) return refuse(text, "does not begin with an IP address");
    return Address{ip, *port, false};
}

bool is_loopback(const Address &address) {
    unsigned char bytes[16] = {};
    if (inet_pton(address.is_v6 ? AF_INET6 : AF_INET, address.ip.c_str(), bytes) != 1) return false;
    if (!address.is_v6) return bytes[0] == 127;
    return std::all_of(bytes, bytes + 15, [](unsigned char byte) { return byte == 0; }) &&
           bytes[15] == 1;
}

Result<void> check_origin(std::string_view text) {
    if (text == "*") return {};
    const size_t scheme = text.find("://");
    if (scheme == std::string_view::npos || scheme == 0) {
        return refuse(text, "is not an origin like \"https://app.example.com\"");
    }
    const std::string_view rest = text.substr(scheme + 3);
    if (rest.find_first_of("/?#") != std::string_view::npos) {
        return refuse(text, "has a path, an origin ends with the host or port");
    }
    const HostPort parts = split(rest);
    if (!is_host(parts.host)) return refuse(text, "has no valid host");
    const auto port = parts.has_port ? parse_port(parts.port) : std::optional<uint16_t>(1);
    if (!port || *port == 0) return refuse(text, "has no port from 1 to 65535 behind its ':'");
    if (has_upper_case(text)) return refuse(text, "has upper case, browsers send lower case");
    return {};
}

Result<void> check_fallback(std::string_view text) {
    constexpr std::string_view kScheme = "http://";
    if (text == "none" || text == "builtin") return {};
    if (text.substr(0, kUnixScheme.size()) == kUnixScheme) {
        return check_unix_path(text, text.substr(kUnixScheme.size()));
    }
    if (text.substr(0, kScheme.size()) != kScheme) {
        return refuse(text, "is not none, builtin, http://host:port or unix:/path");
    }
    const std::string_view rest = text.substr(kScheme.size());
    if (rest.find_first_of("/?#@") != std::string_view::npos) {
        return refuse(text, "has more than host and port, requests keep their own path");
    }
    const HostPort parts = split(rest);
    if (!is_host(parts.host)) return refuse(text, "has no valid host");
    const auto port = parts.has_port ? parse_port(parts.port) : std::nullopt;
    if (!port || *port == 0) return refuse(text, "has no port, as in http://127.0.0.1:8000");
    return {};
}

}  // namespace wse::config
