// SPDX-License-Identifier: MIT
// Sec-WebSocket-Extensions, read strictly. Each line of the input is one header.
#include "net/extensions.h"

#include <algorithm>
#include <string>

#include "fuzz.h"

namespace wse::net {
namespace {

bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return c > 0x20 && c < 0x7f &&
               std::string_view("()<>@,;:\\\"/[]?={}").find(c) == std::string_view::npos;
    });
}

// What was understood says the same again when it is written plainly.
std::string written(const std::vector<ExtensionOffer> &offers) {
    std::string text;
    for (const auto &offer : offers) {
        text += (text.empty() ? "" : ", ") + offer.name;
        for (const auto &parameter : offer.parameters) {
            text += "; " + parameter.name;
            if (parameter.value) text += "=\"" + *parameter.value + '"';
        }
    }
    return text;
}

Result<std::vector<ExtensionOffer>> offers_of(std::string_view text) {
    RequestHead head;
    while (!text.empty()) {
        const size_t end = std::min(text.find('\n'), text.size());
        head.headers.push_back({"sec-websocket-extensions", std::string(text.substr(0, end))});
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return extension_offers(head);
}

void run(std::string_view text) {
    const auto offers = offers_of(text);
    if (!offers) return;
    WSE_ASSERT(offers->size() <= kMaxExtensionOffers, "too many offers");
    for (const auto &offer : *offers) {
        WSE_ASSERT(is_token(offer.name), "an offer whose name is no token");
        WSE_ASSERT(offer.parameters.size() <= kMaxExtensionParameters, "too many parameters");
        for (const auto &parameter : offer.parameters) {
            WSE_ASSERT(is_token(parameter.name), "a parameter whose name is no token");
            WSE_ASSERT(!parameter.value || is_token(*parameter.value), "a value that is no token");
        }
    }
    const std::string plain = written(*offers);
    if (plain.empty()) return;
    const auto again = offers_of(plain);
    WSE_ASSERT(again && written(*again) == plain, "what was understood is not understood again");
}

}  // namespace
}  // namespace wse::net

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    wse::net::run(wse::fuzz::text_of(data, size));
    return 0;
}
