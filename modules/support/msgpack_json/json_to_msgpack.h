// SPDX-License-Identifier: MIT
// JSON as MessagePack: an object becomes a map with the same members in the same order.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wse::msgpack_json {

// One thread; what it needs beside the buffer is kept from one text to the next.
class JsonToMsgpack {
public:
    // At most *inout bytes into `out`. Integers that fit into 64 bits stay what they are, other
    // numbers become float64. WSE_EDENIED: no JSON object of RFC 8259, deeper than 64 levels, or
    // with a number that float64 cannot hold. WSE_ETOOBIG: it does not fit. Throws std::bad_alloc.
    int32_t convert(std::string_view text, void *out, uint64_t *inout);

    // Any value, behind what is in `out`, which is left as it was on WSE_EDENIED, the only failure.
    int32_t append(std::string_view text, std::string &out);

private:
    bool prepare(std::string_view &text);
    void count_items(std::string_view text);

    std::vector<uint32_t> counts_;  // items of each object and array, in the order they begin
};

}  // namespace wse::msgpack_json
