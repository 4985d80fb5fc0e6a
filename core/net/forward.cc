// SPDX-License-Identifier: MIT
#include "net/forward.h"

#include <algorithm>
#include <array>

namespace wse::net {
namespace {

// Written by us, whatever the client sent and whatever it calls hop-by-hop.
constexpr std::array<std::string_view, 7> kOurs = {
    "connection",        "content-length",   "host", "transfer-encoding", "x-forwarded-for",
    "x-forwarded-proto", "x-forwarded-host",
};

constexpr std::array<std::string_view, 8> kHopByHop = {
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "upgrade",
};

template <class List>
bool contains(const List &list, std::string_view name) {
    return std::find(list.begin(), list.end(), name) != list.end();
}

bool is_forwarded(const RequestHead &head, std::string_view name) {
    return !contains(kOurs, name) && !contains(kHopByHop, name) &&
           !has_token(head, "connection", name);
}

void add(std::string &out, std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
}

std::string forwarded_for(const RequestHead &head, const Peer &peer) {
    std::string all;
    for (const Header &header : head.headers) {
        if (header.name == "x-forwarded-for") all += header.value + ", ";
    }
    return all + peer.ip;
}

}  // namespace

std::string forwarded_head(const Request &request, const Peer &peer) {
    const RequestHead &head = request.head;
    std::string out = head.method + " " + head.path;
    if (!head.query.empty()) out += "?" + head.query;
    out += " HTTP/1.1\r\n";
    const std::string_view host = head.header("host");
    add(out, "host", host);
    for (const Header &header : head.headers) {
        if (is_forwarded(head, header.name)) add(out, header.name, header.value);
    }
    if (request.body == BodyKind::kLength) {
        add(out, "content-length", std::to_string(request.content_length));
    } else if (request.body == BodyKind::kChunked) {
        add(out, "transfer-encoding", "chunked");
    } else if (count_headers(head, "content-length")) {
        add(out, "content-length", "0");
    }
    add(out, "x-forwarded-for", forwarded_for(head, peer));
    add(out, "x-forwarded-proto", "http");
    if (!host.empty()) add(out, "x-forwarded-host", host);
    add(out, "connection", "close");
    return out + "\r\n";
}

}  // namespace wse::net
