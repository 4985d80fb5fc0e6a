// SPDX-License-Identifier: MIT
#include "negotiation.h"

#include <algorithm>

#include "strict_json/strict_json.h"

namespace wse::permessage_deflate {
namespace {

struct Offer {
    bool server_no_takeover = false;
    bool client_no_takeover = false;
    std::optional<int> server_bits;
    bool has_client_bits = false;    // the client lets us limit its window
    std::optional<int> client_bits;  // and needs no larger one than this
};

// A number from 8 to 15 without zeros in front.
std::optional<int> bits_of(const cJSON *node) {
    const std::string_view text = strict_json::string_of(node);
    if (text == "8" || text == "9") return text[0] - '0';
    if (text.size() == 2 && text[0] == '1' && text[1] >= '0' && text[1] <= '5')
        return 10 + (text[1] - '0');
    return std::nullopt;
}

// False: the parameter makes the offer one to decline.
bool take(const cJSON *parameter, Offer &offer) {
    const std::string_view name = parameter->string;
    const bool has_value = !cJSON_IsTrue(parameter);
    const std::optional<int> bits = bits_of(parameter);
    if (name == "server_no_context_takeover") {
        offer.server_no_takeover = true;
        return !has_value;
    }
    if (name == "client_no_context_takeover") {
        offer.client_no_takeover = true;
        return !has_value;
    }
    if (name == "server_max_window_bits") {
        offer.server_bits = bits;
        return bits && *bits >= kMinWindowBits;
    }
    if (name != "client_max_window_bits") return false;
    offer.has_client_bits = true;
    offer.client_bits = bits;
    return bits || !has_value;
}

std::optional<Offer> read(std::string_view text) {
    const auto object = strict_json::parse_object(text);
    const cJSON *const parameters = object ? strict_json::member(object, "parameters") : nullptr;
    if (!parameters || !cJSON_IsObject(parameters)) return std::nullopt;
    Offer offer;
    for (const cJSON *each = parameters->child; each; each = each->next)
        if (!take(each, offer)) return std::nullopt;
    return offer;
}

class Reply {
public:
    void add(const char *name) { add(name, "true"); }
    void add(const char *name, int bits) { add(name, '"' + std::to_string(bits) + '"'); }
    std::string text() const { return "{\"parameters\":{" + members_ + "}}"; }

private:
    void add(const char *name, const std::string &value) {
        if (!members_.empty()) members_ += ',';
        members_.append("\"").append(name).append("\":").append(value);
    }
    std::string members_;
};

}  // namespace

std::optional<Agreement> agree(std::string_view text, const Config &config) {
    const std::optional<Offer> offer = read(text);
    if (!offer) return std::nullopt;
    const int window_bits = static_cast<int>(config.window_bits);
    Agreement agreement;
    agreement.server_bits = std::min(window_bits, offer->server_bits.value_or(kMaxWindowBits));
    agreement.server_takeover = config.context_takeover != 0 && !offer->server_no_takeover;
    agreement.client_takeover = config.context_takeover != 0 && !offer->client_no_takeover;
    Reply reply;
    if (!agreement.server_takeover) reply.add("server_no_context_takeover");
    if (!agreement.client_takeover) reply.add("client_no_context_takeover");
    if (offer->server_bits || agreement.server_bits < kMaxWindowBits)
        reply.add("server_max_window_bits", agreement.server_bits);
    // Without takeover the window for decompressing is the loop's, and of full size. A client that
    // speaks of 8 may mean zlib's 9.
    if (agreement.client_takeover && offer->has_client_bits) {
        const int bits = std::min(window_bits, offer->client_bits.value_or(kMaxWindowBits));
        if (bits < kMaxWindowBits) reply.add("client_max_window_bits", bits);
        agreement.client_bits = std::max(bits, kMinWindowBits);
    }
    agreement.reply = reply.text();
    return agreement;
}

}  // namespace wse::permessage_deflate
