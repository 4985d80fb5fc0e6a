// SPDX-License-Identifier: MIT
// The client's octets, in one piece and cut at any places: the same events come of them. The
// pieces' sizes, the limit and whether an extension is agreed stand at the end of the input.
#include <fuzzer/FuzzedDataProvider.h>

#include <array>
#include <string>
#include <vector>

#include "base/utf8.h"
#include "fuzz.h"
#include "net/framing.h"

namespace wse::net {
namespace {

using Kind = FrameEvent::Kind;

struct Seen {
    Kind kind;
    uint16_t code;
    std::string payload;
    bool encoded;
    bool operator==(const Seen &) const = default;
};

void check(const FrameEvent &event, uint64_t limit) {
    if (event.kind == Kind::kText && !event.encoded)
        WSE_ASSERT(is_utf8(event.payload), "a text is not UTF-8");
    if (event.kind == Kind::kText || event.kind == Kind::kBinary)
        WSE_ASSERT(event.encoded || event.payload.size() <= limit, "a message is over the limit");
}

// `sizes` of the pieces, again and again.
std::vector<Seen> events_of(std::string wire, uint64_t limit, bool encoded,
                            const std::vector<size_t> &sizes) {
    FrameParser parser(limit);
    if (encoded) parser.allow_encoded();
    std::vector<Seen> seen;
    size_t pieces = 0;
    for (size_t at = 0; at < wire.size();) {
        const size_t size = std::min(sizes[pieces++ % sizes.size()], wire.size() - at);
        std::span<char> rest(wire.data() + at, size);
        at += size;
        for (FrameEvent event = parser.next(rest); event.kind != Kind::kNeedMore;
             event = parser.next(rest)) {
            check(event, limit);
            seen.push_back({event.kind, event.code, std::string(event.payload), event.encoded});
            if (event.kind == Kind::kError) return seen;
        }
        WSE_ASSERT(rest.empty(), "a parser that needs more has left something");
    }
    return seen;
}

}  // namespace
}  // namespace wse::net

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    FuzzedDataProvider input(data, size);
    const bool encoded = input.ConsumeBool();
    const auto limit = input.ConsumeIntegral<uint16_t>();
    std::vector<size_t> sizes;
    for (int i = 0; i < 4; ++i) sizes.push_back(input.ConsumeIntegral<uint8_t>() + size_t{1});
    const std::string wire = input.ConsumeRemainingBytesAsString();
    const auto whole = wse::net::events_of(wire, limit, encoded, {wire.size() + 1});
    WSE_ASSERT(whole == wse::net::events_of(wire, limit, encoded, sizes),
               "pieces make other events");
    WSE_ASSERT(whole == wse::net::events_of(wire, limit, encoded, {1}), "octets make other events");
    return 0;
}
