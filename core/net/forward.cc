// SPDX-License-Identifier: MIT
#include "net/forward.h"

#include <algorithm>
#include <array>

#include "net/hop_by_hop.h"

namespace wse::net {
namespace {

// Written by us, whatever the client sent.
constexpr std::array<std::string_view, 4> kOurs = {
    "host",
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-forwarded-host",
};

// Where somebody comes from, in words that we neither read nor write: a proxy that does not know
// them passes on what a client invents, so not even a trusted one is believed.
constexpr std::array<std::string_view, 4> kOrigins = {
    "forwarded",
    "x-forwarded-port",
    "x-forwarded-ssl",
    "x-real-ip",
};

template <class List>
bool contains(const List &list, std::string_view name) {
    return std::find(list.begin(), list.end(), name) != list.end();
}

bool is_forwarded(const Request &request, std::string_view name) {
    // An application behind CGI or WSGI takes X_Real_IP for X-Real-IP.
    std::string folded(name);
    std::replace(folded.begin(), folded.end(), '_', '-');
    return !contains(kOurs, folded) && !contains(kOrigins, folded) && !is_hop_by_hop(folded) &&
           !has_token(request.head, "connection", name);
}

void add(std::string &out, std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
}

std::string forwarded_for(const Request &request, const Peer &peer) {
    if (request.proxy_ip.empty()) return peer.ip;
    std::string all;
    for (const Header &header : request.head.headers) {
        if (header.name == "x-forwarded-for") all += header.value + ", ";
    }
    return all + request.proxy_ip;
}

// The proxy may have ended the TLS of its client. In a list, the first is what the client used.
std::string_view scheme(const Request &request, bool is_tls) {
    std::string_view said = request.head.header("x-forwarded-proto");
    said = said.substr(0, said.find_first_of(", \t"));
    if (!request.proxy_ip.empty() && (said == "https" || said == "http")) return said;
    return is_tls ? "https" : "http";
}

// The proxy may ask for another host than its client did.
std::string_view forwarded_host(const Request &request) {
    const std::string_view said = request.head.header("x-forwarded-host");
    return request.proxy_ip.empty() || said.empty() ? request.head.header("host") : said;
}

}  // namespace

bool wants_websocket(const Request &request) {
    const RequestHead &head = request.head;
    return head.method == "GET" && request.minor_version > 0 && request.body == BodyKind::kNone &&
           has_token(head, "connection", "upgrade") && has_token(head, "upgrade", "websocket");
}

std::string forwarded_head(const Request &request, const Peer &peer, bool is_tls) {
    const RequestHead &head = request.head;
    std::string out = head.method + " " + head.path;
    if (!head.query.empty()) out += "?" + head.query;
    out += " HTTP/1.1\r\n";
    add(out, "host", head.header("host"));
    for (const Header &header : head.headers) {
        if (is_forwarded(request, header.name)) add(out, header.name, header.value);
    }
    if (request.body == BodyKind::kLength) {
        add(out, "content-length", std::to_string(request.content_length));
    } else if (request.body == BodyKind::kChunked) {
        add(out, "transfer-encoding", "chunked");
    } else if (count_headers(head, "content-length")) {
        add(out, "content-length", "0");
    }
    add(out, "x-forwarded-for", forwarded_for(request, peer));
    add(out, "x-forwarded-proto", scheme(request, is_tls));
    const std::string_view host = forwarded_host(request);
    if (!host.empty()) add(out, "x-forwarded-host", host);
    if (wants_websocket(request)) {
        add(out, "upgrade", "websocket");
        add(out, "connection", "upgrade");
    } else {
        add(out, "connection", "close");
    }
    return out + "\r\n";
}

}  // namespace wse::net
