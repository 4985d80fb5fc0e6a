// SPDX-License-Identifier: MIT
#include "reply_text.h"

#include <algorithm>
#include <charconv>

namespace wse::backplane_redis::parts {

std::string_view text_of(const redisReply &reply) {
    const bool is_text = reply.type == REDIS_REPLY_STRING || reply.type == REDIS_REPLY_STATUS ||
                         reply.type == REDIS_REPLY_ERROR;
    return is_text ? std::string_view(reply.str, reply.len) : std::string_view();
}

const redisReply *item_at(const redisReply &reply, size_t index) {
    return reply.type == REDIS_REPLY_ARRAY && index < reply.elements ? reply.element[index]
                                                                     : nullptr;
}

std::string_view text_at(const redisReply &reply, size_t index) {
    const redisReply *item = item_at(reply, index);
    return item ? text_of(*item) : std::string_view();
}

std::optional<int64_t> number_of(const redisReply *reply) {
    if (!reply) return std::nullopt;
    if (reply->type == REDIS_REPLY_INTEGER) return reply->integer;
    const std::string_view text = text_of(*reply);
    int64_t number = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc() || stop != text.data() + text.size())
        return std::nullopt;
    return number;
}

std::string word_of(const redisReply &reply) {
    if (reply.type != REDIS_REPLY_ERROR) return "oddly";
    const std::string_view text = text_of(reply);
    return std::string(text.substr(0, std::min(text.find(' '), size_t{32})));
}

bool is_elsewhere(const redisReply &reply) {
    static constexpr std::string_view kWords[] = {"READONLY", "MOVED",       "ASK",
                                                  "LOADING",  "CLUSTERDOWN", "MASTERDOWN",
                                                  "NOAUTH",   "TRYAGAIN",    "UNBLOCKED"};
    if (reply.type != REDIS_REPLY_ERROR) return false;
    const std::string word = word_of(reply);
    return std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords);
}

}  // namespace wse::backplane_redis::parts
