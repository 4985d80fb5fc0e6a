// SPDX-License-Identifier: MIT
#include "msgpack_json/message_writer.h"

#include <msgpack.h>

#include <wse/module.h>

#include "json_text/json_text.h"
#include "jws/base64.h"

namespace wse::msgpack_json {
namespace {

// How many there are is not known yet when they begin, so that the count has all of its octets.
constexpr char kMap32 = '\xdf';
constexpr char kArray32 = '\xdd';
constexpr size_t kCountBytes = 4;

int append_to(void *out, const char *bytes, size_t size) {
    static_cast<std::string *>(out)->append(bytes, size);
    return 0;
}

msgpack_packer packer_to(std::string &out) {
    msgpack_packer packer{};
    msgpack_packer_init(&packer, &out, append_to);
    return packer;
}

}  // namespace

// Items of an array are counted here, those of a map at their keys.
void MessageWriter::begin_value() {
    if (is_after_key_ || open_.empty()) {
        is_after_key_ = false;
        return;
    }
    if (open_.back().count++ > 0 && form_ == Form::kJson) out_ += ',';
}

MessageWriter &MessageWriter::begin(bool is_map) {
    begin_value();
    if (form_ == Form::kJson) {
        out_ += is_map ? '{' : '[';
    } else {
        out_ += is_map ? kMap32 : kArray32;
    }
    open_.push_back({out_.size(), 0, is_map});
    if (form_ == Form::kMsgpack) out_.append(kCountBytes, '\0');
    return *this;
}

MessageWriter &MessageWriter::end() {
    const Open ended = open_.back();
    open_.pop_back();
    if (form_ == Form::kJson) {
        out_ += ended.is_map ? '}' : ']';
        return *this;
    }
    for (size_t i = 0; i < kCountBytes; ++i)
        out_[ended.header + i] = static_cast<char>(ended.count >> (24 - 8 * i) & 0xff);
    return *this;
}

MessageWriter &MessageWriter::key(std::string_view name) {
    if (open_.back().count++ > 0 && form_ == Form::kJson) out_ += ',';
    if (form_ == Form::kJson) {
        json_text::append_string(out_, name);
        out_ += ':';
    } else {
        packed_text(name);
    }
    is_after_key_ = true;
    return *this;
}

void MessageWriter::packed_text(std::string_view value) {
    msgpack_packer packer = packer_to(out_);
    msgpack_pack_str(&packer, value.size());
    out_ += value;
}

MessageWriter &MessageWriter::text(std::string_view value) {
    begin_value();
    if (form_ == Form::kJson) {
        json_text::append_string(out_, value);
    } else {
        packed_text(value);
    }
    return *this;
}

MessageWriter &MessageWriter::integer(uint64_t value) {
    begin_value();
    if (form_ == Form::kJson) {
        out_ += std::to_string(value);
        return *this;
    }
    msgpack_packer packer = packer_to(out_);
    msgpack_pack_uint64(&packer, value);
    return *this;
}

MessageWriter &MessageWriter::boolean(bool value) {
    begin_value();
    if (form_ == Form::kJson) {
        out_ += value ? "true" : "false";
        return *this;
    }
    msgpack_packer packer = packer_to(out_);
    if (value) {
        msgpack_pack_true(&packer);
    } else {
        msgpack_pack_false(&packer);
    }
    return *this;
}

MessageWriter &MessageWriter::bytes(std::string_view value) {
    if (form_ == Form::kJson) return text(jws::encode_base64(value));
    begin_value();
    msgpack_packer packer = packer_to(out_);
    msgpack_pack_bin(&packer, value.size());
    out_ += value;
    return *this;
}

MessageWriter &MessageWriter::member_if(std::string_view name, std::string_view value) {
    return value.empty() ? *this : member(name, value);
}

MessageWriter &MessageWriter::member_json(std::string_view name, std::string_view value) {
    if (value.empty()) return *this;
    const Mark before = mark();
    key(name);
    begin_value();
    if (form_ == Form::kJson) {
        out_ += value;
        return *this;
    }
    if (packer_.append(value, out_) == WSE_OK) return *this;
    take_back(before);
    return key(std::string(name) + "_json").text(value);
}

void MessageWriter::take_back(const Mark &mark) {
    out_.resize(mark.size);
    if (!open_.empty()) open_.back().count = mark.count;
    is_after_key_ = false;
}

}  // namespace wse::msgpack_json
