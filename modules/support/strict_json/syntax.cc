// SPDX-License-Identifier: MIT
#include "strict_json/syntax.h"

#include <cstdint>

namespace wse::strict_json {
namespace {

class Reader {
public:
    explicit Reader(std::string_view text) : text_(text) {}
    bool characters() {
        while (at_ < text_.size()) {
            if (!utf8()) return false;
        }
        return true;
    }
    bool document() { return value(0) && (blanks(), at_ == text_.size()); }

private:
    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    bool take(char c) {
        if (peek() != c || c == '\0') return false;
        ++at_;
        return true;
    }
    bool word(std::string_view wanted) {
        if (text_.substr(at_, wanted.size()) != wanted) return false;
        at_ += wanted.size();
        return true;
    }
    void blanks() {
        while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') ++at_;
    }
    bool value(int depth);
    bool object(int depth);
    bool array(int depth);
    bool string();
    bool escape();
    bool hex4(uint32_t &ret);
    bool utf8();
    bool digits();
    bool number();

    std::string_view text_;
    size_t at_ = 0;
};

bool Reader::value(int depth) {
    blanks();
    switch (peek()) {
        case '{':
            return depth < kMaxDepth && object(depth + 1);
        case '[':
            return depth < kMaxDepth && array(depth + 1);
        case '"':
            return string();
        case 't':
            return word("true");
        case 'f':
            return word("false");
        case 'n':
            return word("null");
        default:
            return number();
    }
}

bool Reader::object(int depth) {
    take('{');
    blanks();
    if (take('}')) return true;
    do {
        blanks();
        if (!string()) return false;
        blanks();
        if (!take(':') || !value(depth)) return false;
        blanks();
    } while (take(','));
    return take('}');
}

bool Reader::array(int depth) {
    take('[');
    blanks();
    if (take(']')) return true;
    do {
        if (!value(depth)) return false;
        blanks();
    } while (take(','));
    return take(']');
}

bool Reader::string() {
    if (!take('"')) return false;
    while (at_ < text_.size()) {
        const auto c = static_cast<uint8_t>(text_[at_]);
        if (c == '"') {
            ++at_;
            return true;
        }
        if (c < 0x20) return false;
        if (c == '\\' ? !escape() : !utf8()) return false;
    }
    return false;
}

bool Reader::hex4(uint32_t &ret) {
    ret = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
        const char c = peek();
        uint32_t digit = 0;
        if (c >= '0' && c <= '9') {
            digit = static_cast<uint32_t>(c - '0');
        } else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) {
            digit = static_cast<uint32_t>((c | 0x20) - 'a') + 10;
        } else {
            return false;
        }
        ret = ret << 4 | digit;
    }
    return true;
}

bool Reader::escape() {
    ++at_;  // the backslash
    const char c = peek();
    ++at_;
    if (c != 'u')
        return c != '\0' && std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos;
    uint32_t unit = 0;
    if (!hex4(unit) || unit == 0) return false;
    if (unit < 0xd800 || unit > 0xdfff) return true;
    // The first half of a surrogate pair, and its second half right behind it.
    uint32_t second = 0;
    return unit < 0xdc00 && word("\\u") && hex4(second) && second >= 0xdc00 && second <= 0xdfff;
}

// One character by RFC 3629; the second octet alone decides overlong forms, surrogates and the end.
bool Reader::utf8() {
    const auto first = static_cast<uint8_t>(text_[at_++]);
    if (first < 0x80) return true;
    if (first < 0xc2 || first > 0xf4) return false;
    const int more = first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    uint8_t low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    uint8_t high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    for (int i = 0; i < more; ++i, ++at_) {
        const auto c = static_cast<uint8_t>(peek());
        if (c < low || c > high) return false;
        low = 0x80;
        high = 0xbf;
    }
    return true;
}

bool Reader::digits() {
    const size_t begin = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return at_ > begin;
}

bool Reader::number() {
    take('-');
    if (!take('0') && !digits()) return false;  // no leading zeros: what follows will not fit
    if (take('.') && !digits()) return false;
    if (take('e') || take('E')) {
        if (!take('+')) take('-');
        return digits();
    }
    return true;
}

}  // namespace

bool is_json(std::string_view text) {
    return Reader(text).document();
}

bool is_utf8(std::string_view text) {
    return Reader(text).characters();
}

}  // namespace wse::strict_json
