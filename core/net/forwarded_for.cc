// SPDX-License-Identifier: MIT
#include "net/forwarded_for.h"

#include <string>
#include <string_view>

#include "net/address.h"

namespace wse::net {
namespace {

std::optional<sockaddr_storage> address_of(std::string_view text) {
    const std::string bare(text);
    for (const std::string &spelling : {bare, bare + ":0", '[' + bare + "]:0"}) {
        if (const Result<Address> parsed = parse_address(spelling)) return parsed->storage;
    }
    return std::nullopt;
}

}  // namespace

std::optional<sockaddr_storage> forwarded_client(const RequestHead &head,
                                                 std::span<const Network> trusted) {
    std::optional<sockaddr_storage> nearest;
    for (auto header = head.headers.rbegin(); header != head.headers.rend(); ++header) {
        if (header->name != "x-forwarded-for") continue;
        std::string_view left = header->value;
        while (true) {
            const size_t comma = left.rfind(',');
            const size_t begin = comma == std::string_view::npos ? 0 : comma + 1;
            const auto address = address_of(trimmed(left.substr(begin)));
            if (!address) return nearest;
            nearest = address;
            if (!any_contains(trusted, *address)) return nearest;
            if (comma == std::string_view::npos) break;
            left = left.substr(0, comma);
        }
    }
    return nearest;
}

}  // namespace wse::net
