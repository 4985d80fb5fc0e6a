// SPDX-License-Identifier: MIT
#include "msgpack_json/json_to_msgpack.h"

#include <msgpack.h>

#include <charconv>
#include <cstring>
#include <limits>
#include <string>

#include <wse/module.h>

#include "json_text/json_text.h"

namespace wse::msgpack_json {
namespace {

constexpr size_t kKeptCounts = 65536;

// The buffer of the ABI, as the packer writes to it.
struct Sink {
    char *at;
    uint64_t room;

    static int write(void *sink, const char *bytes, size_t size) {
        auto &self = *static_cast<Sink *>(sink);
        if (size > self.room) return -1;
        std::memcpy(self.at, bytes, size);
        self.at += size;
        self.room -= size;
        return 0;
    }
};

int append_to(void *out, const char *bytes, size_t size) {
    static_cast<std::string *>(out)->append(bytes, size);
    return 0;
}

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool is_of_number(char c) {
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

// Behind the quote that opens a string: the place of the one that closes it.
size_t closing_quote(std::string_view text, size_t at) {
    while (text[at] != '"') at += text[at] == '\\' ? 2 : 1;
    return at;
}

// Walks a text that is known to be JSON, so nothing of its grammar is checked again.
class Packer {
public:
    Packer(std::string_view text, const std::vector<uint32_t> &counts, void *sink,
           msgpack_packer_write write)
        : text_(text), count_(counts.data()) {
        msgpack_packer_init(&packer_, sink, write);
    }

    int32_t pack() {
        pack_value();
        return status_;
    }

private:
    // Blanks, and the commas and colons between values.
    void skip() {
        while (is_blank(text_[at_]) || text_[at_] == ',' || text_[at_] == ':') ++at_;
    }
    void note(int written) {
        if (written != 0 && status_ == WSE_OK) status_ = WSE_ETOOBIG;
    }
    void pack_value();
    void pack_items(bool named);
    void pack_string();
    void pack_number();
    bool pack_integer(std::string_view number);

    const std::string_view text_;
    const uint32_t *count_;
    msgpack_packer packer_{};
    size_t at_ = 0;
    int32_t status_ = WSE_OK;
};

void Packer::pack_value() {
    switch (text_[at_]) {
        case '{':
            return pack_items(true);
        case '[':
            return pack_items(false);
        case '"':
            return pack_string();
        case 't':
            at_ += 4;
            return note(msgpack_pack_true(&packer_));
        case 'f':
            at_ += 5;
            return note(msgpack_pack_false(&packer_));
        case 'n':
            at_ += 4;
            return note(msgpack_pack_nil(&packer_));
        default:
            return pack_number();
    }
}

void Packer::pack_items(bool named) {
    const uint32_t count = *count_++;
    note(named ? msgpack_pack_map(&packer_, count) : msgpack_pack_array(&packer_, count));
    ++at_;
    for (uint32_t i = 0; i < count && status_ == WSE_OK; ++i) {
        skip();
        if (named) {
            pack_string();
            skip();
        }
        pack_value();
    }
    skip();
    ++at_;
}

void Packer::pack_string() {
    const size_t begin = at_ + 1;
    const size_t end = closing_quote(text_, begin);
    const std::string_view written = text_.substr(begin, end - begin);
    at_ = end + 1;
    std::string decoded;
    const bool plain = written.find('\\') == std::string_view::npos;
    if (!plain) decoded = json_text::decoded(written);
    const std::string_view said = plain ? written : decoded;
    note(msgpack_pack_str(&packer_, said.size()));
    note(msgpack_pack_str_body(&packer_, said.data(), said.size()));
}

bool Packer::pack_integer(std::string_view number) {
    if (number == "-0" || number.find_first_of(".eE") != std::string_view::npos) return false;
    const char *const end = number.data() + number.size();
    int64_t value = 0;
    if (std::from_chars(number.data(), end, value).ec == std::errc()) {
        note(msgpack_pack_int64(&packer_, value));
        return true;
    }
    uint64_t large = 0;
    if (number.front() == '-' || std::from_chars(number.data(), end, large).ec != std::errc())
        return false;
    note(msgpack_pack_uint64(&packer_, large));
    return true;
}

void Packer::pack_number() {
    const size_t begin = at_;
    while (at_ < text_.size() && is_of_number(text_[at_])) ++at_;
    const std::string_view number = text_.substr(begin, at_ - begin);
    if (pack_integer(number)) return;
    double value = 0;
    const auto read = std::from_chars(number.data(), number.data() + number.size(), value);
    if (read.ec != std::errc()) {
        status_ = WSE_EDENIED;
        return;
    }
    note(msgpack_pack_double(&packer_, value));
}

}  // namespace

// MessagePack says how many items there are before the first of them, which JSON does not.
void JsonToMsgpack::count_items(std::string_view text) {
    if (counts_.capacity() > kKeptCounts) std::vector<uint32_t>().swap(counts_);
    counts_.clear();
    size_t open[json_text::kMaxDepth] = {};
    size_t depth = 0;
    for (size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '"') {
            at = closing_quote(text, at + 1);
        } else if (c == '{' || c == '[') {
            while (is_blank(text[at + 1])) ++at;
            open[depth++] = counts_.size();
            counts_.push_back(text[at + 1] == '}' || text[at + 1] == ']' ? 0 : 1);
        } else if (c == '}' || c == ']') {
            --depth;
        } else if (c == ',') {
            ++counts_[open[depth - 1]];
        }
    }
}

// False for what is no JSON; else the value begins with the text.
bool JsonToMsgpack::prepare(std::string_view &text) {
    // The counts are 32 bits wide, as are those of MessagePack.
    if (text.size() > std::numeric_limits<uint32_t>::max() || !json_text::is_json(text))
        return false;
    while (is_blank(text.front())) text.remove_prefix(1);
    count_items(text);
    return true;
}

int32_t JsonToMsgpack::convert(std::string_view text, void *out, uint64_t *inout) {
    if (!prepare(text) || text.front() != '{') return WSE_EDENIED;
    Sink sink{static_cast<char *>(out), *inout};
    const int32_t status = Packer(text, counts_, &sink, Sink::write).pack();
    if (status == WSE_OK) *inout -= sink.room;
    return status;
}

int32_t JsonToMsgpack::append(std::string_view text, std::string &out) {
    if (!prepare(text)) return WSE_EDENIED;
    const size_t before = out.size();
    const int32_t status = Packer(text, counts_, &out, append_to).pack();
    if (status != WSE_OK) out.resize(before);
    return status;
}

}  // namespace wse::msgpack_json
