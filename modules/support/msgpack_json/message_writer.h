// SPDX-License-Identifier: MIT
// A message in one of two forms, written member by member.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "msgpack_json/json_to_msgpack.h"

namespace wse::msgpack_json {

enum class Form { kJson, kMsgpack };

// One thread. The caller keeps to the grammar: a key before each value of a map, ends for begins.
// Texts are UTF-8.
class MessageWriter {
public:
    // Writes behind what is in `out`.
    MessageWriter(Form form, std::string &out) : form_(form), out_(out) {}

    MessageWriter &begin_map() { return begin(true); }
    MessageWriter &begin_array() { return begin(false); }
    MessageWriter &end();
    MessageWriter &key(std::string_view name);
    MessageWriter &text(std::string_view value);
    MessageWriter &integer(uint64_t value);
    MessageWriter &boolean(bool value);
    // bin, which in JSON is a string of base64.
    MessageWriter &bytes(std::string_view value);

    MessageWriter &member(std::string_view name, std::string_view value) {
        return key(name).text(value);
    }
    // Nothing where `value` is empty.
    MessageWriter &member_if(std::string_view name, std::string_view value);
    MessageWriter &member_number(std::string_view name, uint64_t value) {
        return key(name).integer(value);
    }
    // `value` is valid JSON, as it is. What MessagePack has no form for, a number beyond float64 or
    // half a surrogate pair, becomes a text with the JSON in it, under the name with "_json" behind
    // it. Nothing where it is empty.
    MessageWriter &member_json(std::string_view name, std::string_view value);

    // To take back what was written since, while the same maps and arrays are open.
    struct Mark {
        size_t size;
        uint32_t count;
    };
    Mark mark() const { return {out_.size(), open_.empty() ? 0 : open_.back().count}; }
    void take_back(const Mark &mark);
    size_t size() const { return out_.size(); }

private:
    struct Open {
        size_t header;  // where the count of MessagePack goes
        uint32_t count;
        bool is_map;
    };
    MessageWriter &begin(bool is_map);
    void begin_value();
    void packed_text(std::string_view value);

    const Form form_;
    std::string &out_;
    std::vector<Open> open_;
    bool is_after_key_ = false;
    JsonToMsgpack packer_;
};

}  // namespace wse::msgpack_json
