// SPDX-License-Identifier: MIT
#include "base/json_scan.h"

#include <cctype>
#include <cstdint>
#include <string>

#include "base/utf8.h"

namespace wse {
namespace {

constexpr size_t kMaxShownName = 32;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Walks the text iteratively: `depth` brackets are open, and a bit per level says which kind.
class Scanner {
public:
    explicit Scanner(std::string_view text) : text_(text) {}

    // Null members: only check.
    Result<void> run(std::vector<JsonMember> *members);
    Result<void> list(std::vector<std::string_view> &items);
    std::string_view find(std::string_view name);

private:
    Error fail(const char *what) const {
        return Error{WSE_EINVAL, std::string(what) + " at byte " + std::to_string(at_ + 1)};
    }
    bool at_end() const { return at_ == text_.size(); }
    char peek() const { return at_end() ? '\0' : text_[at_]; }
    bool take(char c);
    void skip_blanks();
    bool skip_digits();
    bool skip_string();
    bool skip_number();
    bool skip_word(std::string_view word);
    bool skip_scalar();
    bool open_bracket();
    bool in_object() const { return (objects_ >> (depth_ - 1)) & 1; }
    Result<void> read_name();
    void end_value();

    std::string_view text_;
    size_t at_ = 0;
    int depth_ = 0;
    uint64_t objects_ = 0;  // bit n: the bracket at depth n + 1 is a brace
    std::vector<JsonMember> *members_ = nullptr;
    std::vector<std::string_view> *items_ = nullptr;
    std::string_view wanted_;  // by find()
    std::string_view found_;
    std::string_view name_;
    size_t value_begin_ = 0;
};

static_assert(kJsonMaxDepth <= 64, "one bit per level");

bool Scanner::take(char c) {
    if (peek() != c || at_end()) return false;
    ++at_;
    return true;
}

void Scanner::skip_blanks() {
    while (!at_end() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
        ++at_;
}

bool Scanner::skip_digits() {
    const size_t begin = at_;
    while (is_digit(peek())) ++at_;
    return at_ > begin;
}

bool Scanner::skip_string() {
    if (!take('"')) return false;
    while (!at_end()) {
        const char c = text_[at_];
        if (static_cast<unsigned char>(c) < 0x20) return false;
        ++at_;
        if (c == '"') return true;
        if (c != '\\') continue;
        const char escape = peek();
        if (at_end() || std::string_view("\"\\/bfnrtu").find(escape) == std::string_view::npos)
            return false;
        ++at_;
        for (int i = 0; escape == 'u' && i < 4; ++i, ++at_) {
            if (!std::isxdigit(static_cast<unsigned char>(peek()))) return false;
        }
    }
    return false;
}

bool Scanner::skip_number() {
    take('-');
    if (!take('0') && !skip_digits()) return false;
    if (take('.') && !skip_digits()) return false;
    if (take('e') || take('E')) {
        if (!take('+')) take('-');
        return skip_digits();
    }
    return true;
}

bool Scanner::skip_word(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
}

bool Scanner::skip_scalar() {
    switch (peek()) {
        case '"':
            return skip_string();
        case 't':
            return skip_word("true");
        case 'f':
            return skip_word("false");
        case 'n':
            return skip_word("null");
        default:
            return skip_number();
    }
}

bool Scanner::open_bracket() {
    if (depth_ == kJsonMaxDepth) return false;
    const uint64_t bit = uint64_t{1} << depth_++;
    objects_ = text_[at_++] == '{' ? objects_ | bit : objects_ & ~bit;
    return true;
}

Result<void> Scanner::read_name() {
    skip_blanks();
    const size_t begin = at_;
    if (!skip_string()) return fail("bad member name");
    if (depth_ == 1) name_ = text_.substr(begin + 1, at_ - begin - 2);
    skip_blanks();
    if (!take(':')) return fail("missing ':'");
    return {};
}

void Scanner::end_value() {
    if (depth_ != 1) return;
    const std::string_view value = text_.substr(value_begin_, at_ - value_begin_);
    if (members_) members_->push_back({name_, value});
    if (items_) items_->push_back(value);
    if (in_object() && found_.empty() && name_ == wanted_) found_ = value;
}

Result<void> Scanner::run(std::vector<JsonMember> *members) {
    members_ = members;
    skip_blanks();
    if (members_ && peek() != '{') return fail("not an object");
    for (bool done = false; !done;) {
        // A value begins here.
        skip_blanks();
        if (depth_ == 1) value_begin_ = at_;
        if (peek() == '{' || peek() == '[') {
            if (!open_bracket()) return fail("nested too deeply");
            skip_blanks();
            if (!take(in_object() ? '}' : ']')) {
                if (in_object()) {
                    if (auto name = read_name(); !name) return name;
                }
                continue;
            }
            --depth_;
        } else if (!skip_scalar()) {
            return fail("bad value");
        }
        // A value has ended; so may the brackets around it.
        for (;;) {
            if (depth_ == 0) {
                done = true;
                break;
            }
            end_value();
            skip_blanks();
            if (take(',')) {
                if (members_ && members_->size() == kJsonMaxMembers)
                    return fail("too many members");
                if (in_object()) {
                    if (auto name = read_name(); !name) return name;
                }
                break;
            }
            if (!take(in_object() ? '}' : ']')) return fail("missing ',' or closing bracket");
            --depth_;
        }
    }
    skip_blanks();
    if (!at_end()) return fail("text after the value");
    return {};
}

Result<void> Scanner::list(std::vector<std::string_view> &items) {
    skip_blanks();
    if (peek() != '[') return fail("not an array");
    items_ = &items;
    return run(nullptr);
}

std::string_view Scanner::find(std::string_view name) {
    wanted_ = name;
    return run(nullptr) ? found_ : std::string_view();
}

}  // namespace

std::string_view find_json_member(std::string_view text, std::string_view name) {
    return Scanner(text).find(name);
}

Result<void> check_json(std::string_view text) {
    return Scanner(text).run(nullptr);
}

Result<void> scan_json_array(std::string_view text, std::vector<std::string_view> &out) {
    out.clear();
    return Scanner(text).list(out);
}

Result<void> scan_json_object(std::string_view text, std::vector<JsonMember> &out) {
    out.clear();
    if (auto scanned = Scanner(text).run(&out); !scanned) return scanned;
    for (size_t i = 0; i < out.size(); ++i) {
        for (size_t j = 0; j < i; ++j) {
            if (out[i].name == out[j].name) {
                // The text goes back to the client that wrote the name.
                const auto name = utf8_prefix(out[i].name, kMaxShownName);
                return Error{WSE_EINVAL, "member '" + std::string(name) + "' stands twice"};
            }
        }
    }
    return {};
}

bool has_half_surrogate_pair(std::string_view text) {
    bool high = false;  // the escape before was the first half
    size_t expected = 0;
    for (size_t at = text.find('\\'); at != text.npos; at = text.find('\\', at)) {
        if (high && at != expected) return true;
        const bool unicode = text[at + 1] == 'u';
        const char first = unicode ? text[at + 2] : '0';
        const char second = unicode ? text[at + 3] : '0';
        const bool surrogate = (first == 'd' || first == 'D') && second >= '8';
        const bool low = surrogate && std::string_view("cdefCDEF").find(second) != text.npos;
        if (low != high) return true;
        high = surrogate && !low;
        at += unicode ? 6 : 2;
        expected = at;
    }
    return high;
}

bool has_long_number(std::string_view text) {
    // So many digits in a row cover one of these places, and hardly any text has one there.
    size_t place = kJsonMaxDigits;
    while (place < text.size() && !is_digit(text[place])) place += kJsonMaxDigits;
    if (place >= text.size()) return false;
    bool in_string = false;
    size_t digits = 0;
    for (size_t at = 0; at < text.size(); ++at) {
        if (in_string && text[at] == '\\') {
            ++at;
        } else if (text[at] == '"') {
            in_string = !in_string;
        }
        const bool counts = !in_string && is_digit(text[at]);
        digits = counts ? digits + 1 : 0;
        if (digits > kJsonMaxDigits) return true;
    }
    return false;
}

std::string_view find_member(const std::vector<JsonMember> &members, std::string_view name) {
    for (const auto &member : members) {
        if (member.name == name) return member.value;
    }
    return {};
}

}  // namespace wse
