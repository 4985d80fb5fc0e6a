// SPDX-License-Identifier: MIT
// X-Forwarded-For. Each line of the input is one header.
#include "net/forwarded_for.h"

#include <algorithm>
#include <string>

#include "fuzz.h"

namespace wse::net {
namespace {

void run(std::string_view text) {
    static const std::vector<Network> trusted = {*Network::parse("10.0.0.0/8"),
                                                 *Network::parse("fc00::/7")};
    RequestHead head;
    while (!text.empty()) {
        const size_t end = std::min(text.find('\n'), text.size());
        head.headers.push_back({"x-forwarded-for", std::string(text.substr(0, end))});
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    const auto client = forwarded_client(head, trusted);
    if (!client) return;
    WSE_ASSERT(!head.headers.empty(), "a client that no header names");
    WSE_ASSERT(client->ss_family == AF_INET || client->ss_family == AF_INET6,
               "a client without an IP address");
    // Whoever is trusted by nobody speaks for itself.
    const auto nearest = forwarded_client(head, {});
    WSE_ASSERT(nearest.has_value(), "a nearest proxy that wrote nothing");
}

}  // namespace
}  // namespace wse::net

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    wse::net::run(wse::fuzz::text_of(data, size));
    return 0;
}
