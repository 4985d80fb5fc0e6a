// SPDX-License-Identifier: MIT
// The header of the PROXY protocol, whole and as far as it has come.
#include "net/proxy_header.h"

#include "fuzz.h"

namespace wse::net {
namespace {

using State = ProxyHeader::State;

// However it is cut, it is one header: not done before its last octet, and then the same.
void check_cut(std::string_view text, const ProxyHeader &whole) {
    for (size_t size = 0; size < text.size() && size < 300; ++size) {
        const ProxyHeader part = read_proxy_header(text.substr(0, size));
        if (part.state != State::kDone) continue;
        WSE_ASSERT(whole.state == State::kDone && whole.size == part.size,
                   "more octets make another header of it");
        WSE_ASSERT(part.size <= size, "a header is done before it has come");
    }
}

void run(std::string_view text) {
    const ProxyHeader header = read_proxy_header(text);
    check_cut(text, header);
    if (header.state == State::kMore)
        WSE_ASSERT(text.size() < kMaxProxyHeaderBytes, "a header without an end");
    if (header.state != State::kDone) return;
    WSE_ASSERT(header.size > 0 && header.size <= text.size(), "more was read than there is");
    WSE_ASSERT(header.size <= kMaxProxyHeaderBytes, "a header over the limit");
    if (header.client) {
        const auto family = header.client->ss_family;
        WSE_ASSERT(family == AF_INET || family == AF_INET6, "a client without an IP address");
    }
}

}  // namespace
}  // namespace wse::net

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    wse::net::run(wse::fuzz::text_of(data, size));
    return 0;
}
