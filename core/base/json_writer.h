// SPDX-License-Identifier: MIT
// Writes JSON into a string, member by member, in the order of the calls (rule M2 of the protocol
// needs an order). Commas and escapes are its business, balanced begin/end calls are the caller's.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace wse {

// `text` in quotes. The caller has checked that it is UTF-8.
void append_json_string(std::string &out, std::string_view text);

class JsonWriter {
public:
    // Room for so many bytes in one piece, for who knows about how many it will be.
    void reserve(size_t bytes) { out_.reserve(bytes); }

    JsonWriter &begin_object() { return open('{'); }
    JsonWriter &end_object() { return close('}'); }
    JsonWriter &begin_array() { return open('['); }
    JsonWriter &end_array() { return close(']'); }
    JsonWriter &key(std::string_view name);

    JsonWriter &string(std::string_view text);
    JsonWriter &boolean(bool value) { return raw(value ? "true" : "false"); }
    template <class Integer>
    JsonWriter &integer(Integer value) {
        static_assert(std::is_integral_v<Integer>);
        return raw(std::to_string(value));
    }
    JsonWriter &number(double value);        // null when it is not finite
    JsonWriter &raw(std::string_view json);  // a value that is JSON already
    // The members of an object that is JSON already, has some, and no blanks around it.
    JsonWriter &members(std::string_view object) {
        return raw(object.substr(1, object.size() - 2));
    }

    // key and value in one call: what nearly every line needs.
    JsonWriter &member(std::string_view name, std::string_view text) {
        return key(name).string(text);
    }
    JsonWriter &member(std::string_view name, const char *text) { return key(name).string(text); }
    JsonWriter &member(std::string_view name, double value) { return key(name).number(value); }
    // No other type turns into a bool here, as pointers and numbers otherwise would.
    JsonWriter &member(std::string_view name, std::same_as<bool> auto value) {
        return key(name).boolean(value);
    }
    template <class Integer>
    requires(std::is_integral_v<Integer> &&
             !std::is_same_v<Integer, bool>) JsonWriter &member(std::string_view name,
                                                                Integer value) {
        return key(name).integer(value);
    }

    const std::string &text() const { return out_; }
    std::string take() { return std::move(out_); }

private:
    JsonWriter &open(char bracket);
    JsonWriter &close(char bracket);
    void separate();

    std::string out_;
    bool need_comma_ = false;
};

}  // namespace wse
