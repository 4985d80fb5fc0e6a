// SPDX-License-Identifier: MIT
#include "msgpack_json/msgpack_to_json.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include <wse/module.h>

#include "json_text/json_text.h"
#include "jws/base64.h"
#include "msgpack_json/text_sink.h"
#include "strict_json/text.h"

namespace wse::msgpack_json {
namespace {

constexpr size_t kKeptKeys = 65536;
constexpr size_t kLeastRoom = 256;

// Recursive, as deep as json_text::kMaxDepth. False from the first problem on, or once the sink is
// full.
class Reader {
public:
    Reader(std::string_view packed, Binary binary, std::vector<std::string_view> &keys,
           TextSink &sink)
        : rest_(packed), binary_(binary), keys_(keys), sink_(sink) {}

    int32_t read() {
        const bool good = is_map() && read_value(0) && rest_.empty();
        if (sink_.full()) return WSE_ETOOBIG;
        return good ? WSE_OK : WSE_EINVAL;
    }

private:
    bool is_map() const;
    bool take(size_t size, std::string_view &ret);
    bool take_number(size_t size, uint64_t &ret);
    bool read_value(int depth);
    bool read_by_type(uint8_t type, int depth);
    bool read_unsigned(size_t size);
    bool read_signed(size_t size);
    bool read_float(size_t size);
    bool take_string(uint64_t size, std::string_view &ret);
    bool read_string(uint64_t size);
    bool read_binary(size_t size);
    bool read_key();
    bool read_array(uint64_t count, int depth);
    bool read_map(uint64_t count, int depth);
    bool read_sized(size_t size, uint8_t type, int depth);
    bool write(std::string_view text) {
        sink_.put(text);
        return true;
    }

    std::string_view rest_;
    const Binary binary_;
    std::vector<std::string_view> &keys_;
    TextSink &sink_;
};

bool Reader::is_map() const {
    const auto first = static_cast<uint8_t>(rest_.empty() ? 0 : rest_.front());
    return (first & 0xf0) == 0x80 || first == 0xde || first == 0xdf;
}

bool Reader::take(size_t size, std::string_view &ret) {
    if (size > rest_.size()) return false;
    ret = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return true;
}

bool Reader::take_number(size_t size, uint64_t &ret) {
    std::string_view octets;
    if (!take(size, octets)) return false;
    ret = 0;
    for (const char c : octets) ret = ret << 8 | static_cast<uint8_t>(c);
    return true;
}

bool Reader::read_value(int depth) {
    uint64_t type = 0;
    return !sink_.full() && take_number(1, type) && read_by_type(static_cast<uint8_t>(type), depth);
}

// 0xc1 means nothing; 0xc7 to 0xc9 and 0xd4 to 0xd8 are extensions, which JSON has no word for.
bool Reader::read_by_type(uint8_t type, int depth) {
    if (type < 0x80) {
        sink_.put_integer(uint64_t{type});
        return true;
    }
    if (type < 0x90) return read_map(type & 0x0fU, depth);
    if (type < 0xa0) return read_array(type & 0x0fU, depth);
    if (type < 0xc0) return read_string(type & 0x1fU);
    if (type >= 0xe0) {
        sink_.put_integer(int64_t{static_cast<int8_t>(type)});
        return true;
    }
    switch (type) {
        case 0xc0:
            return write("null");
        case 0xc2:
            return write("false");
        case 0xc3:
            return write("true");
        case 0xc4:
        case 0xc5:
        case 0xc6:
            return read_binary(size_t{1} << (type - 0xc4));
        case 0xca:
        case 0xcb:
            return read_float(type == 0xca ? 4 : 8);
        case 0xcc:
        case 0xcd:
        case 0xce:
        case 0xcf:
            return read_unsigned(size_t{1} << (type - 0xcc));
        case 0xd0:
        case 0xd1:
        case 0xd2:
        case 0xd3:
            return read_signed(size_t{1} << (type - 0xd0));
        case 0xd9:
        case 0xda:
        case 0xdb:
            return read_sized(size_t{1} << (type - 0xd9), type, depth);
        case 0xdc:
        case 0xdd:
            return read_sized(size_t{2} << (type - 0xdc), type, depth);
        case 0xde:
        case 0xdf:
            return read_sized(size_t{2} << (type - 0xde), type, depth);
        default:
            return false;
    }
}

bool Reader::read_sized(size_t size, uint8_t type, int depth) {
    uint64_t count = 0;
    if (!take_number(size, count)) return false;
    if (type < 0xdc) return read_string(count);
    return type < 0xde ? read_array(count, depth) : read_map(count, depth);
}

bool Reader::read_unsigned(size_t size) {
    uint64_t value = 0;
    if (!take_number(size, value)) return false;
    sink_.put_integer(value);
    return true;
}

bool Reader::read_signed(size_t size) {
    uint64_t value = 0;
    if (!take_number(size, value)) return false;
    const auto unused = static_cast<int>(64 - 8 * size);
    sink_.put_integer(static_cast<int64_t>(value << unused) >> unused);
    return true;
}

bool Reader::read_float(size_t size) {
    uint64_t bits = 0;
    if (!take_number(size, bits)) return false;
    double value = 0;
    if (size == 4) {
        float narrow = 0;
        const auto narrow_bits = static_cast<uint32_t>(bits);
        std::memcpy(&narrow, &narrow_bits, sizeof narrow);
        value = double{narrow};
    } else {
        std::memcpy(&value, &bits, sizeof value);
    }
    if (!std::isfinite(value)) return false;
    sink_.put_float(value);
    return true;
}

bool Reader::take_string(uint64_t size, std::string_view &ret) {
    return take(size, ret) && strict_json::is_utf8(ret);
}

bool Reader::read_string(uint64_t size) {
    std::string_view text;
    if (!take_string(size, text)) return false;
    sink_.put_string(text);
    return true;
}

// JSON has no word for it, either.
bool Reader::read_binary(size_t size) {
    uint64_t count = 0;
    std::string_view bytes;
    if (binary_ == Binary::kRefused || !take_number(size, count) || !take(count, bytes))
        return false;
    sink_.put('"');
    sink_.put(jws::encode_base64(bytes));
    sink_.put('"');
    return true;
}

bool Reader::read_array(uint64_t count, int depth) {
    // An item is one octet or more.
    if (depth == json_text::kMaxDepth || count > rest_.size()) return false;
    sink_.put('[');
    for (uint64_t i = 0; i < count; ++i) {
        if (i > 0) sink_.put(',');
        if (!read_value(depth + 1)) return false;
    }
    sink_.put(']');
    return true;
}

bool Reader::read_key() {
    uint64_t type = 0, size = 0;
    if (!take_number(1, type)) return false;
    if (type >= 0xa0 && type < 0xc0) {
        size = type & 0x1f;
    } else if (type < 0xd9 || type > 0xdb || !take_number(size_t{1} << (type - 0xd9), size)) {
        return false;
    }
    std::string_view key;
    if (!take_string(size, key)) return false;
    keys_.push_back(key);
    sink_.put_string(key);
    return true;
}

bool Reader::read_map(uint64_t count, int depth) {
    if (depth == json_text::kMaxDepth || count > rest_.size() / 2) return false;
    const auto own = static_cast<ptrdiff_t>(keys_.size());
    sink_.put('{');
    for (uint64_t i = 0; i < count; ++i) {
        if (i > 0) sink_.put(',');
        if (!read_key()) return false;
        sink_.put(':');
        if (!read_value(depth + 1)) return false;
    }
    sink_.put('}');
    // Two readers might take different ones of two values.
    const auto begin = keys_.begin() + own;
    std::sort(begin, keys_.end());
    const bool unique = std::adjacent_find(begin, keys_.end()) == keys_.end();
    keys_.erase(begin, keys_.end());
    return unique;
}

}  // namespace

int32_t MsgpackToJson::convert(std::string_view packed, void *out, uint64_t *inout) {
    if (keys_.capacity() > kKeptKeys) std::vector<std::string_view>().swap(keys_);
    keys_.clear();
    TextSink sink(out, *inout);
    const int32_t status = Reader(packed, binary_, keys_, sink).read();
    if (status == WSE_OK) *inout -= sink.room();
    return status;
}

int32_t MsgpackToJson::convert(std::string_view packed, std::string &out) {
    // Most text is hardly longer than what was packed; every octet may become an escape or a word.
    for (size_t room = packed.size() * 2 + kLeastRoom;; room *= 2) {
        out.resize(room);
        uint64_t size = room;
        const int32_t status = convert(packed, out.data(), &size);
        out.resize(status == WSE_OK ? size : 0);
        if (status != WSE_ETOOBIG) return status;
    }
}

}  // namespace wse::msgpack_json
