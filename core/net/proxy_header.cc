// SPDX-License-Identifier: MIT
#include "net/proxy_header.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <string>

namespace wse::net {
namespace {

constexpr std::string_view kTextStart = "PROXY ";
constexpr size_t kMaxText = 107;  // with its CRLF
constexpr std::string_view kBinaryStart{"\r\n\r\n\0\r\nQUIT\n", 12};
constexpr size_t kBinaryHead = 16;

constexpr ProxyHeader kMore{};
constexpr ProxyHeader kMalformed{ProxyHeader::State::kMalformed};

ProxyHeader done(size_t size) {
    return {ProxyHeader::State::kDone, size};
}

sockaddr_storage v4_address(const in_addr &ip, uint16_t port_in_network_order) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_addr = ip;
    v4.sin_port = port_in_network_order;
    sockaddr_storage storage{};
    std::memcpy(&storage, &v4, sizeof v4);
    return storage;
}

sockaddr_storage v6_address(const in6_addr &ip, uint16_t port_in_network_order) {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_addr = ip;
    v6.sin6_port = port_in_network_order;
    sockaddr_storage storage{};
    std::memcpy(&storage, &v6, sizeof v6);
    return storage;
}

std::optional<uint16_t> port_of(std::string_view text) {
    uint16_t port = 0;
    const char *const end = text.data() + text.size();
    const auto [stop, failure] = std::from_chars(text.data(), end, port);
    if (failure != std::errc() || stop != end) return std::nullopt;
    return htons(port);
}

std::optional<sockaddr_storage> address_of(bool v6, const std::string &ip, uint16_t port) {
    in_addr four{};
    in6_addr six{};
    if (!v6 && inet_pton(AF_INET, ip.c_str(), &four) == 1) return v4_address(four, port);
    if (v6 && inet_pton(AF_INET6, ip.c_str(), &six) == 1) return v6_address(six, port);
    return std::nullopt;
}

// "TCP4 203.0.113.7 192.0.2.1 51234 443": exactly five words with one blank between them.
ProxyHeader read_words(std::string_view line, size_t size) {
    std::array<std::string_view, 5> words;
    for (size_t i = 0; i < words.size(); ++i) {
        const size_t end = line.find(' ');
        const bool last = i + 1 == words.size();
        if (last != (end == std::string_view::npos)) return kMalformed;
        words[i] = line.substr(0, end);
        line.remove_prefix(last ? line.size() : end + 1);
    }
    const bool v6 = words[0] == "TCP6";
    const auto from = port_of(words[3]);
    const auto to = port_of(words[4]);
    if ((!v6 && words[0] != "TCP4") || !from || !to) return kMalformed;
    ProxyHeader header = done(size);
    header.client = address_of(v6, std::string(words[1]), *from);
    return header.client && address_of(v6, std::string(words[2]), *to) ? header : kMalformed;
}

ProxyHeader read_text(std::string_view bytes) {
    const size_t end = bytes.substr(0, kMaxText).find("\r\n");
    if (end == std::string_view::npos) return bytes.size() < kMaxText ? kMore : kMalformed;
    const std::string_view line = bytes.substr(0, end).substr(kTextStart.size());
    const size_t size = end + 2;
    if (line == "UNKNOWN" || line.starts_with("UNKNOWN ")) return done(size);
    return read_words(line, size);
}

uint16_t network_short(std::string_view bytes, size_t at) {
    uint16_t value = 0;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
}

ProxyHeader read_binary(std::string_view bytes) {
    constexpr char kLocal = 0x20;
    constexpr char kProxy = 0x21;
    if (bytes.size() > kBinaryStart.size() && bytes[12] != kLocal && bytes[12] != kProxy) {
        return kMalformed;
    }
    if (bytes.size() < kBinaryHead) return kMore;
    const size_t size = kBinaryHead + ntohs(network_short(bytes, 14));
    if (size > kMaxProxyHeaderBytes) return kMalformed;
    if (bytes.size() < size) return kMore;
    ProxyHeader header = done(size);
    const std::string_view rest = bytes.substr(kBinaryHead, size - kBinaryHead);
    constexpr char kUnspecified = 0x00, kTcp4 = 0x11, kTcp6 = 0x21, kUnixStream = 0x31;
    const char family = bytes[13];
    if (bytes[12] == kLocal || family == kUnspecified || family == kUnixStream) return header;
    // Source and destination, then their ports; what follows (TLVs) is for others.
    if (family == kTcp4 && rest.size() >= 12) {
        in_addr ip{};
        std::memcpy(&ip, rest.data(), sizeof ip);
        header.client = v4_address(ip, network_short(rest, 8));
    } else if (family == kTcp6 && rest.size() >= 36) {
        in6_addr ip{};
        std::memcpy(&ip, rest.data(), sizeof ip);
        header.client = v6_address(ip, network_short(rest, 32));
    } else {
        return kMalformed;
    }
    return header;
}

}  // namespace

ProxyHeader read_proxy_header(std::string_view bytes) {
    for (const std::string_view start : {kTextStart, kBinaryStart}) {
        const size_t common = std::min(start.size(), bytes.size());
        if (bytes.substr(0, common) != start.substr(0, common)) continue;
        if (common < start.size()) return kMore;
        return start == kTextStart ? read_text(bytes) : read_binary(bytes);
    }
    return kMalformed;
}

}  // namespace wse::net
