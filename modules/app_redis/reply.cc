// SPDX-License-Identifier: MIT
#include "reply.h"

#include <algorithm>

namespace wse::app_redis {
namespace {

std::string_view word_of(const redisReply &reply) {
    const std::string_view text(reply.str, reply.len);
    return text.substr(0, std::min(text.find(' '), size_t{32}));
}

}  // namespace

std::string_view text_of(const redisReply *reply) {
    if (!reply || (reply->type != REDIS_REPLY_STRING && reply->type != REDIS_REPLY_STATUS))
        return {};
    return {reply->str, reply->len};
}

const redisReply *item_of(const redisReply *reply, size_t index) {
    if (!reply || reply->type != REDIS_REPLY_ARRAY || index >= reply->elements) return nullptr;
    return reply->element[index];
}

std::string problem_of(std::string_view command, redis::Failure failure, const redisReply *reply) {
    switch (failure) {
        case redis::Failure::kNone:
            break;
        case redis::Failure::kTimeout:
            return "no answer in time";
        case redis::Failure::kTooBig:
            return "a reply is too large";
        default:
            return "no connection";
    }
    if (reply->type != REDIS_REPLY_ERROR) return "";
    return std::string(command) + " was answered " + std::string(word_of(*reply));
}

bool is_error(const redisReply *reply, std::string_view word) {
    return reply && reply->type == REDIS_REPLY_ERROR && word_of(*reply) == word;
}

}  // namespace wse::app_redis
