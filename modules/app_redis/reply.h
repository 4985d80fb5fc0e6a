// SPDX-License-Identifier: MIT
// What Redis answers, for those who ask.
#pragma once

#include <hiredis/hiredis.h>

#include <string>
#include <string_view>

#include "redis_client/redis_client.h"

namespace wse::app_redis {

// The text of a string or status, else empty.
std::string_view text_of(const redisReply *reply);
// The item of an array, or null.
const redisReply *item_of(const redisReply *reply, size_t index);

// One sentence about what went wrong, without what the server says beside the word that names an
// error, or empty. "XADD was answered OOM".
std::string problem_of(std::string_view command, redis::Failure failure, const redisReply *reply);

// Is it this error: "NOGROUP"?
bool is_error(const redisReply *reply, std::string_view word);

}  // namespace wse::app_redis
