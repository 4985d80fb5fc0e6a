// SPDX-License-Identifier: MIT
#include "json_text/json_text.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "strict_json/text.h"

namespace wse::json_text {
namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// One pass of recursive descent; kMaxDepth bounds the stack.
class Reader {
public:
    explicit Reader(std::string_view text, std::vector<Member> *members = nullptr,
                    std::vector<std::string_view> *items = nullptr)
        : text_(text), members_(members), items_(items) {}

    bool read_document() {
        skip_blanks();
        if (!read_value(0)) return false;
        skip_blanks();
        return at_ == text_.size();
    }

private:
    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    bool take(char c);
    void skip_blanks();
    bool read_value(int depth);
    bool read_object(int depth);
    bool read_array(int depth);
    bool read_string();
    bool read_unit(uint32_t &ret);
    bool read_escape();
    bool read_digits();
    bool read_number();
    bool read_word(std::string_view word);

    std::string_view text_;
    std::vector<Member> *members_;          // of the outer object, or null
    std::vector<std::string_view> *items_;  // of the outer array, or null
    size_t at_ = 0;
};

bool Reader::take(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
}

void Reader::skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
}

bool Reader::read_word(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
}

bool Reader::read_value(int depth) {
    switch (peek()) {
        case '{':
            return depth < kMaxDepth && read_object(depth + 1);
        case '[':
            return depth < kMaxDepth && read_array(depth + 1);
        case '"':
            return read_string();
        case 't':
            return read_word("true");
        case 'f':
            return read_word("false");
        case 'n':
            return read_word("null");
        default:
            return read_number();
    }
}

bool Reader::read_object(int depth) {
    take('{');
    skip_blanks();
    if (take('}')) return true;
    for (;;) {
        const size_t name = at_ + 1;
        if (!read_string()) return false;
        const size_t name_end = at_ - 1;
        skip_blanks();
        if (!take(':')) return false;
        skip_blanks();
        const size_t value = at_;
        if (!read_value(depth)) return false;
        if (members_ && depth == 1)
            members_->push_back(
                {text_.substr(name, name_end - name), text_.substr(value, at_ - value)});
        skip_blanks();
        if (take('}')) return true;
        if (!take(',')) return false;
        skip_blanks();
    }
}

bool Reader::read_array(int depth) {
    take('[');
    skip_blanks();
    if (take(']')) return true;
    for (;;) {
        const size_t value = at_;
        if (!read_value(depth)) return false;
        if (items_ && depth == 1) items_->push_back(text_.substr(value, at_ - value));
        skip_blanks();
        if (take(']')) return true;
        if (!take(',')) return false;
        skip_blanks();
    }
}

bool Reader::read_string() {
    if (!take('"')) return false;
    while (at_ < text_.size()) {
        const char c = text_[at_++];
        if (c == '"') return true;
        if (static_cast<uint8_t>(c) < 0x20) return false;
        if (c == '\\' && !read_escape()) return false;
    }
    return false;
}

// The four digits behind \u.
bool Reader::read_unit(uint32_t &ret) {
    ret = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
        const char c = peek();
        const size_t digit = std::string_view("0123456789abcdef").find(static_cast<char>(c | 0x20));
        if (c == '\0' || digit == std::string_view::npos || (c >= 0x10 && c < 0x20)) return false;
        ret = ret << 4 | static_cast<uint32_t>(digit);
    }
    return true;
}

bool Reader::read_escape() {
    const char c = peek();
    if (c == '\0') return false;
    ++at_;
    if (c != 'u') return std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos;
    uint32_t unit = 0;
    if (!read_unit(unit)) return false;
    if (unit < 0xd800 || unit > 0xdfff) return true;
    // Many parsers refuse a whole text for half a pair.
    return unit < 0xdc00 && read_word("\\u") && read_unit(unit) && unit >= 0xdc00 && unit <= 0xdfff;
}

bool Reader::read_digits() {
    const size_t begin = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return at_ > begin;
}

bool Reader::read_number() {
    take('-');
    if (!take('0') && !read_digits()) return false;
    if (take('.') && !read_digits()) return false;
    if (!take('e') && !take('E')) return true;
    if (!take('+')) take('-');
    return read_digits();
}

// The number that `digits` are, which are known to be hexadecimal.
uint32_t unit_of(std::string_view digits) {
    uint32_t unit = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), unit, 16);
    return unit;
}

void append_utf8(std::string &out, uint32_t point) {
    const auto put = [&](uint32_t octet) { out += static_cast<char>(octet); };
    const auto put_rest = [&](int shift) { put(0x80 | (point >> shift & 0x3f)); };
    if (point < 0x80) return put(point);
    if (point < 0x800) {
        put(0xc0 | point >> 6);
    } else if (point < 0x10000) {
        put(0xe0 | point >> 12);
        put_rest(6);
    } else {
        put(0xf0 | point >> 18);
        put_rest(12);
        put_rest(6);
    }
    put_rest(0);
}

// Takes an escape from the front of `rest`, behind its backslash.
void append_escaped(std::string &out, std::string_view &rest) {
    static constexpr std::string_view kLetters = "bfnrt";
    const char c = rest.front();
    rest.remove_prefix(1);
    if (c != 'u') {
        const size_t letter = kLetters.find(c);
        out += letter == std::string_view::npos ? c : "\b\f\n\r\t"[letter];
        return;
    }
    uint32_t point = unit_of(rest.substr(0, 4));
    rest.remove_prefix(4);
    if (point >= 0xd800 && point <= 0xdbff) {
        point = 0x10000 + ((point - 0xd800) << 10) + (unit_of(rest.substr(2, 4)) - 0xdc00);
        rest.remove_prefix(6);
    }
    append_utf8(out, point);
}

}  // namespace

bool is_json(std::string_view text) {
    return strict_json::is_utf8(text) && Reader(text).read_document();
}

bool members_of(std::string_view text, std::vector<Member> &ret) {
    ret.clear();
    const size_t begin = text.find_first_not_of(" \t\n\r");
    if (begin == std::string_view::npos || text[begin] != '{') return false;
    return Reader(text, &ret).read_document() && ret.size() <= kMaxMembers;
}

bool items_of(std::string_view text, size_t max, std::vector<std::string_view> &ret) {
    ret.clear();
    const size_t begin = text.find_first_not_of(" \t\n\r");
    if (begin == std::string_view::npos || text[begin] != '[') return false;
    return Reader(text, nullptr, &ret).read_document() && ret.size() <= max;
}

std::string decoded(std::string_view written) {
    std::string out;
    while (!written.empty()) {
        const size_t plain = std::min(written.find('\\'), written.size());
        out.append(written.substr(0, plain));
        written.remove_prefix(plain);
        if (written.empty()) break;
        written.remove_prefix(1);
        append_escaped(out, written);
    }
    return out;
}

void append_string(std::string &out, std::string_view text) {
    static constexpr char kHex[] = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        const auto octet = static_cast<uint8_t>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (octet < 0x20) {
            out += "\\u00";
            out += kHex[octet >> 4];
            out += kHex[octet & 15];
        } else {
            out += c;
        }
    }
    out += '"';
}

}  // namespace wse::json_text
