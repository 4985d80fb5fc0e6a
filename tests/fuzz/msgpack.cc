// SPDX-License-Identifier: MIT
// msgpack_json both ways: what was read and is written again reads the same. The input is taken
// for MessagePack and for JSON.
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include <wse/module.h>

#include "base/json_scan.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "msgpack_json/json_to_msgpack.h"
#include "msgpack_json/msgpack_to_json.h"

namespace wse::msgpack_json {
namespace {

constexpr size_t kEnough = 1 << 20;

template <class Converter>
std::optional<std::string> convert(std::string_view in) {
    static std::vector<char> buffer(kEnough);
    Converter converter;
    uint64_t size = buffer.size();
    if (converter.convert(in, buffer.data(), &size) != WSE_OK) return std::nullopt;
    std::string out(buffer.data(), size);
    // With just enough room it is the same, and with less nothing is written beyond the end.
    for (const uint64_t room : {size, size - 1}) {
        const auto tight = std::make_unique<char[]>(room);
        uint64_t written = room;
        const int32_t status = converter.convert(in, tight.get(), &written);
        WSE_ASSERT(status == (room == size ? WSE_OK : WSE_ETOOBIG), "another end was found");
        WSE_ASSERT(room < size || std::memcmp(tight.get(), out.data(), size) == 0,
                   "the room changes the content");
    }
    return out;
}

void read_msgpack(std::string_view packed) {
    const auto json = convert<MsgpackToJson>(packed);
    if (!json) return;
    WSE_ASSERT(is_utf8(*json) && check_json(*json).ok(), "what was read is no JSON");
    const auto again = convert<JsonToMsgpack>(*json);
    WSE_ASSERT(again.has_value(), "what was read cannot be written");
    WSE_ASSERT(convert<MsgpackToJson>(*again) == json, "what is written again reads otherwise");
}

void read_json(std::string_view text) {
    const auto packed = convert<JsonToMsgpack>(text);
    if (!packed) return;
    // A name that stands twice is refused on the way back.
    const auto json = convert<MsgpackToJson>(*packed);
    if (json) WSE_ASSERT(convert<JsonToMsgpack>(*json) == packed, "JSON is packed otherwise");
}

}  // namespace
}  // namespace wse::msgpack_json

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    wse::msgpack_json::read_msgpack(wse::fuzz::text_of(data, size));
    wse::msgpack_json::read_json(wse::fuzz::text_of(data, size));
    return 0;
}
