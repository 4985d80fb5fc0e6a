// SPDX-License-Identifier: MIT
#include "reply.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "json_text/json_text.h"
#include "strict_json/text.h"

namespace wse::snapshot_redis {
namespace {

std::string_view text_of(const redisReply &reply) {
    return {reply.str, static_cast<size_t>(reply.len)};
}

Answer failure(int32_t status, std::string problem) {
    return {status, {}, std::move(problem)};
}

Answer wrong_type() {
    return failure(WSE_EIO, "the key is of another type");
}

Answer found(snapshot::State state) {
    return {WSE_OK, std::move(state), ""};
}

Answer too_big(uint64_t limit) {
    return failure(WSE_ETOOBIG, "is over " + std::to_string(limit) + " bytes");
}

// False when it is no text.
bool add_value(std::string &out, std::string_view text) {
    if (json_text::is_json(text)) {
        out += text;
        return true;
    }
    if (!strict_json::is_utf8(text)) return false;
    json_text::append_string(out, text);
    return true;
}

Answer read_string(const redisReply &reply, uint64_t limit) {
    const std::string_view text = text_of(reply);
    if (text.empty()) return failure(WSE_ENOTFOUND, "");  // GETRANGE knows no difference
    if (text.size() > limit) return too_big(limit);
    auto state = snapshot::read_state(text);
    return state ? found(std::move(*state))
                 : failure(WSE_EIO, "the value is not JSON, or its epoch or offset is none");
}

std::string_view field(const redisReply &reply, std::string_view name) {
    for (size_t i = 0; i + 1 < reply.elements; i += 2) {
        if (text_of(*reply.element[i]) == name) return text_of(*reply.element[i + 1]);
    }
    return {};
}

bool is_place(const redisReply &reply) {
    return reply.elements == 6 && !field(reply, "data").empty() && !field(reply, "epoch").empty() &&
           !field(reply, "offset").empty();
}

Answer read_place(const redisReply &reply) {
    const auto epoch = snapshot::read_epoch(field(reply, "epoch"));
    const auto offset = snapshot::read_offset(field(reply, "offset"));
    if (!epoch || !offset) return failure(WSE_EIO, "the fields epoch and offset are no place");
    const std::string_view data = field(reply, "data");
    if (!json_text::is_json(data)) return failure(WSE_EIO, "the field data is not JSON");
    return found({std::string(data), snapshot::Place{*epoch, *offset}});
}

// Members of an object, or items of an array.
Answer read_elements(const redisReply &reply, bool is_hash) {
    std::string out(1, is_hash ? '{' : '[');
    for (size_t i = 0; i < reply.elements; ++i) {
        const redisReply &element = *reply.element[i];
        const bool is_name = is_hash && i % 2 == 0;
        if (element.type != REDIS_REPLY_STRING ||
            (is_name && !strict_json::is_utf8(text_of(element))))
            return failure(WSE_EIO, "a name or a value is no text");
        const bool follows_name = is_hash && i % 2 == 1;
        if (i > 0 && !follows_name) out += ',';
        if (is_name) {
            json_text::append_string(out, text_of(element));
            out += ':';
        } else if (!add_value(out, text_of(element))) {
            return failure(WSE_EIO, "a name or a value is no text");
        }
    }
    out += is_hash ? '}' : ']';
    // What stands in it is JSON each; together it may be too deep.
    return json_text::is_json(out) ? found({std::move(out), std::nullopt})
                                   : failure(WSE_EIO, "is too deep");
}

}  // namespace

Answer read_error(const redisReply &reply) {
    static constexpr std::string_view kPassing[] = {"LOADING", "BUSY", "TRYAGAIN", "MASTERDOWN",
                                                    "CLUSTERDOWN"};
    const std::string_view word = text_of(reply).substr(0, text_of(reply).find(' '));
    if (word == "WRONGTYPE") return wrong_type();
    const bool passes =
        std::find(std::begin(kPassing), std::end(kPassing), word) != std::end(kPassing);
    // The rest of the sentence may repeat the command.
    return failure(passes ? WSE_EAGAIN : WSE_EIO, "answered " + std::string(word.substr(0, 32)));
}

Answer read_reply(const redisReply &reply, KeyType type, uint64_t limit) {
    if (reply.type == REDIS_REPLY_ERROR) return read_error(reply);
    if (type == kString)
        return reply.type == REDIS_REPLY_STRING ? read_string(reply, limit) : wrong_type();
    if (reply.type != REDIS_REPLY_ARRAY) return wrong_type();
    if (reply.elements == 0) return failure(WSE_ENOTFOUND, "");
    Answer answer =
        type == kHash && is_place(reply) ? read_place(reply) : read_elements(reply, type == kHash);
    if (answer.state.data.size() > limit) return too_big(limit);
    return answer;
}

}  // namespace wse::snapshot_redis
