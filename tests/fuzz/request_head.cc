// SPDX-License-Identifier: MIT
// What a stranger sends first: the head of a request, whole and octet by octet, its body, and the
// head that the fallback would get, which must be one that we would read ourselves, to its end.
#include <algorithm>
#include <string>

#include "fuzz.h"
#include "net/body.h"
#include "net/forward.h"
#include "net/head.h"
#include "net/upgrade.h"

namespace wse::net {
namespace {

constexpr size_t kMaxBytes = 4096;
constexpr size_t kMaxHeaders = 32;

size_t feed_octets(HeadReader &reader, std::string_view wire) {
    size_t used = 0;
    while (used < wire.size() && reader.feed(wire.substr(used, 1)) == 1) ++used;
    return used;
}

void check_same(const Request &a, const Request &b) {
    const auto same = [](const Header &x, const Header &y) {
        return x.name == y.name && x.value == y.value;
    };
    WSE_ASSERT(a.head.method == b.head.method && a.head.path == b.head.path &&
                   a.head.query == b.head.query && a.body == b.body &&
                   a.content_length == b.content_length && a.minor_version == b.minor_version,
               "octets make another request");
    WSE_ASSERT(std::equal(a.head.headers.begin(), a.head.headers.end(), b.head.headers.begin(),
                          b.head.headers.end(), same),
               "octets make other headers");
}

void check_headers(const RequestHead &head) {
    WSE_ASSERT(head.headers.size() <= kMaxHeaders, "more headers than the limit");
    for (const Header &header : head.headers) {
        const bool plain =
            header.name.find_first_of(" \t\r\n:") == std::string::npos &&
            header.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos;
        WSE_ASSERT(plain && !header.name.empty(), "a header is none");
    }
}

// What a framer makes of a body, decoded again: the fallback must find the same end in it.
std::string decoded(const Request &request, std::string_view wire) {
    BodyFramer framer(request.body, request.content_length, false);
    std::string out;
    WSE_ASSERT(framer.feed(wire, out) == wire.size(), "something stands behind a body");
    WSE_ASSERT(!framer.failed(), "a body written anew is malformed");
    return out;
}

// The body in one piece and octet by octet is the same, and ends at the same place.
void check_body(const Request &request, std::string_view rest) {
    std::string whole;
    BodyFramer framer(request);
    const size_t used = framer.feed(rest, whole);
    BodyFramer slow(request);
    std::string pieces;
    size_t at = 0;
    while (at < rest.size() && slow.state() == BodyFramer::State::kMore)
        at += slow.feed(rest.substr(at, 1), pieces);
    WSE_ASSERT(framer.state() == slow.state(), "pieces of a body are judged otherwise");
    WSE_ASSERT(used == at, "pieces of a body end elsewhere");
    if (framer.failed()) return;
    WSE_ASSERT(decoded(request, whole) == decoded(request, pieces), "pieces make another body");
}

// The fallback reads one request, of the same method and body, and nothing behind it.
void check_forwarded(const Request &request, bool is_tls) {
    const Peer peer{"192.0.2.1", 1, {}};
    const std::string wire = forwarded_head(request, peer, is_tls);
    HeadReader reader(4 * kMaxBytes, kMaxHeaders + 8);
    WSE_ASSERT(reader.feed(wire) == wire.size(), "something stands behind a forwarded head");
    WSE_ASSERT(reader.state() == HeadReader::State::kDone, "a forwarded head is refused");
    const Request &read = reader.request();
    WSE_ASSERT(read.head.method == request.head.method && read.head.path == request.head.path &&
                   read.head.query == request.head.query && read.body == request.body &&
                   read.content_length == request.content_length,
               "a forwarded head is another request");
}

void run(std::string_view wire) {
    HeadReader whole(kMaxBytes, kMaxHeaders);
    HeadReader pieces(kMaxBytes, kMaxHeaders);
    const size_t used = whole.feed(wire);
    WSE_ASSERT(used == feed_octets(pieces, wire), "octets end a head elsewhere");
    WSE_ASSERT(whole.state() == pieces.state(), "octets are judged otherwise");
    WSE_ASSERT(whole.error().status == pieces.error().status, "octets are refused otherwise");
    if (whole.state() != HeadReader::State::kDone) return;
    const Request &request = whole.request();
    check_same(request, pieces.request());
    check_headers(request.head);
    check_body(request, wire.substr(used));
    for (const bool is_tls : {false, true}) check_forwarded(request, is_tls);
    if (check_upgrade(request).status == 0) upgrade_answer(request.head);
}

}  // namespace
}  // namespace wse::net

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    wse::net::run(wse::fuzz::text_of(data, size));
    return 0;
}
