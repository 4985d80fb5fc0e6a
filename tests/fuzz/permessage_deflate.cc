// SPDX-License-Identifier: MIT
// permessage_deflate: what a stranger offers, and messages from strangers into a small buffer. The
// first two octets of the input say how small, and which window; a line that begins with { is an
// offer.
#include <memory>
#include <string>
#include <vector>

#include "fuzz.h"
#include "permessage_deflate/codec.h"
#include "permessage_deflate/negotiation.h"

namespace wse::permessage_deflate {
namespace {

constexpr Config kConfig = {
    .context_takeover = 1, .threshold = 0, .level = 6, .window_bits = 15, .memory_level = 8};

void check_offer(std::string_view offer) {
    const auto agreed = agree(offer, kConfig);
    if (!agreed) return;
    WSE_ASSERT(agreed->server_bits >= kMinWindowBits && agreed->server_bits <= kMaxWindowBits,
               "a window that zlib does not have");
    WSE_ASSERT(agreed->client_bits >= 8 && agreed->client_bits <= kMaxWindowBits,
               "a window that no client has");
    WSE_ASSERT(agreed->reply.starts_with("{\"parameters\":"), "an answer without parameters");
}

void check_way_back(std::string_view text, int bits) {
    if (text.empty()) return;
    Compressor compressor(kConfig, bits);
    Decompressor decompressor(bits);
    std::vector<char> packed(text.size() + 64), again(text.size());
    Room there{packed.data(), packed.size()}, back{again.data(), again.size()};
    if (compressor.run(text, false, there) != WSE_OK) return;
    WSE_ASSERT(decompressor.run({packed.data(), there.size}, false, back) == WSE_OK,
               "a message of ours is refused");
    WSE_ASSERT(text == std::string_view(again.data(), back.size), "another text came back");
}

void run(std::string_view text, size_t limit, int bits) {
    if (text.starts_with('{')) return check_offer(text);
    // Twice, as what a first message leaves behind is there for the next.
    Decompressor decompressor(bits);
    std::vector<char> out(limit);
    for (const std::string_view message : {text.substr(0, text.size() / 2), text}) {
        Room room{out.data(), limit};
        const int32_t status = decompressor.run(message, false, room);
        WSE_ASSERT(status == WSE_OK || status == WSE_EINVAL || status == WSE_ETOOBIG,
                   "an unknown status");
        WSE_ASSERT(room.size <= limit, "more came out than there was room for");
        if (status == WSE_OK) check_way_back({out.data(), room.size}, bits);
    }
}

}  // namespace
}  // namespace wse::permessage_deflate

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2) return 0;
    const std::string_view text = wse::fuzz::text_of(data, size);
    const size_t limit = size_t{16} * data[0];
    wse::permessage_deflate::run(text.substr(2), limit, 9 + data[1] % 7);
    return 0;
}
