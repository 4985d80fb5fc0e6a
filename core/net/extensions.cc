// SPDX-License-Identifier: MIT
#include "net/extensions.h"

#include <algorithm>
#include <utility>

#include "net/head.h"

namespace wse::net {
namespace {

constexpr std::string_view kHeader = "sec-websocket-extensions";

// One header's value, from the front to its end.
class ListReader {
public:
    ListReader(std::string_view text, std::vector<ExtensionOffer> &out)
        : rest_(text), offers_(out) {}

    // False: `why` says what is wrong.
    bool read() {
        const size_t before = offers_.size();
        // RFC 2616 lets elements of a list be empty, all but one.
        do {
            skip_blanks();
            if (rest_.empty() || rest_.front() == ',') continue;
            if (!read_offer()) return false;
            skip_blanks();
        } while (take(','));
        if (!rest_.empty()) return fail("has a character that belongs nowhere");
        return offers_.size() > before || fail("is empty");
    }
    const char *why() const { return why_; }

private:
    bool fail(const char *why) {
        why_ = why;
        return false;
    }

    void skip_blanks() {
        rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size()));
    }

    bool take(char wanted) {
        if (!rest_.starts_with(wanted)) return false;
        rest_.remove_prefix(1);
        return true;
    }

    std::string_view take_token() {
        const std::string_view token = rest_.substr(0, rest_.find_first_not_of(kTokenCharacters));
        rest_.remove_prefix(token.size());
        return token;
    }

    bool read_offer() {
        if (offers_.size() >= kMaxExtensionOffers) return fail("has more than 16 offers");
        const std::string_view name = take_token();
        if (name.empty()) return fail("has an offer without a name");
        ExtensionOffer &offer = offers_.emplace_back();
        offer.name = name;
        skip_blanks();
        while (take(';')) {
            if (!read_parameter(offer)) return false;
            skip_blanks();
        }
        return true;
    }

    bool read_parameter(ExtensionOffer &offer) {
        if (offer.parameters.size() >= kMaxExtensionParameters)
            return fail("has an offer with more than 16 parameters");
        skip_blanks();
        const std::string_view name = take_token();
        if (name.empty()) return fail("has a parameter without a name");
        ExtensionParameter &parameter = offer.parameters.emplace_back();
        parameter.name = name;
        skip_blanks();
        if (!take('=')) return true;
        skip_blanks();
        std::string value = take('"') ? take_quoted() : std::string(take_token());
        // The grammar demands it of a quoted value, too: without its quotes it is a token.
        if (!is_token(value)) return fail("has a parameter whose value is no token");
        parameter.value = std::move(value);
        return true;
    }

    // The text up to the closing quote, which is taken; empty, which is no token, without one.
    std::string take_quoted() {
        std::string text;
        while (!rest_.empty()) {
            if (take('"')) return text;
            if (take('\\') && rest_.empty()) break;
            text.push_back(rest_.front());
            rest_.remove_prefix(1);
        }
        return {};
    }

    std::string_view rest_;
    std::vector<ExtensionOffer> &offers_;
    const char *why_ = "";
};

}  // namespace

Result<std::vector<ExtensionOffer>> extension_offers(const RequestHead &head) {
    std::vector<ExtensionOffer> offers;
    for (const Header &header : head.headers) {
        if (header.name != kHeader) continue;
        ListReader reader(header.value, offers);
        if (!reader.read()) return Error{WSE_EINVAL, std::string(kHeader) + ' ' + reader.why()};
    }
    return offers;
}

}  // namespace wse::net
