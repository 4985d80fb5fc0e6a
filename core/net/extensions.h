// SPDX-License-Identifier: MIT
// What a client offers in Sec-WebSocket-Extensions (RFC 6455 section 9.1), read strictly: a list
// that does not follow the grammar is an error, of which the client hears.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/handler.h"

namespace wse::net {

// Of one request, over all its headers of that name. Browsers send one offer with one parameter.
inline constexpr size_t kMaxExtensionOffers = 16;
inline constexpr size_t kMaxExtensionParameters = 16;  // of one offer

struct ExtensionParameter {
    std::string name;
    std::optional<std::string> value;  // without quotes; not there is another thing than empty
};

struct ExtensionOffer {
    std::string name;
    std::vector<ExtensionParameter> parameters;  // as they came; a name may stand there twice
};

// The offers of all headers, in their order, which is the client's order of preference; none
// without a header.
Result<std::vector<ExtensionOffer>> extension_offers(const RequestHead &head);

}  // namespace wse::net
