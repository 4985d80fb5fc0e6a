// SPDX-License-Identifier: MIT
// A MessagePack map from a stranger as a JSON object with the same members in the same order.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace wse::codec_msgpack {

// One thread. Nothing is allocated that what is there does not warrant: a size that is only
// declared is not believed.
class MsgpackToJson {
public:
    // At most *inout bytes into `out`. WSE_ETOOBIG: there are more. WSE_EINVAL: no map, cut short,
    // something behind it, deeper than 64 levels, a key that is no string or stands twice, a string
    // that is not UTF-8, binary data, an extension, a number that is not finite. Throws
    // std::bad_alloc.
    int32_t convert(std::string_view packed, void *out, uint64_t *inout);

private:
    std::vector<std::string_view> keys_;  // of the maps that are being read
};

}  // namespace wse::codec_msgpack
