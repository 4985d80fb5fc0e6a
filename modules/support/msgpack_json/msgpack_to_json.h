// SPDX-License-Identifier: MIT
// A MessagePack map from a stranger as a JSON object with the same members in the same order.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wse::msgpack_json {

enum class Binary {
    kRefused,
    kAsBase64,  // becomes a string
};

// One thread. Nothing is allocated that what is there does not warrant: a size that is only
// declared is not believed.
class MsgpackToJson {
public:
    explicit MsgpackToJson(Binary binary = Binary::kRefused) : binary_(binary) {}

    // At most *inout bytes into `out`. WSE_ETOOBIG: there are more. WSE_EINVAL: no map, cut short,
    // something behind it, deeper than 64 levels, a key that is no string or stands twice, a string
    // that is not UTF-8, binary data unless it is taken, an extension, a number that is not finite.
    // Throws std::bad_alloc.
    int32_t convert(std::string_view packed, void *out, uint64_t *inout);

    // The same, into a text of its own. Its size is at most a few times what comes.
    int32_t convert(std::string_view packed, std::string &out);

private:
    Binary binary_;
    std::vector<std::string_view> keys_;  // of the maps that are being read
};

}  // namespace wse::msgpack_json
