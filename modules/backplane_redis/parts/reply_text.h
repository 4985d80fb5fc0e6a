// SPDX-License-Identifier: MIT
// What stands in replies of Redis, and whether one means that another server is to be asked.
#pragma once

#include <hiredis/hiredis.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wse::backplane_redis::parts {

// Of a string, a status or an error; else empty.
std::string_view text_of(const redisReply &reply);
// The element of an array; null when there is none.
const redisReply *item_at(const redisReply &reply, size_t index);
// Its text; empty when there is none.
std::string_view text_at(const redisReply &reply, size_t index);
// A number, or a text that is one.
std::optional<int64_t> number_of(const redisReply *reply);
// The word an error begins with, "READONLY"; of other replies "oddly". The rest of an error may
// repeat what was sent.
std::string word_of(const redisReply &reply);
// The error says that this server is none to write to, or not yet.
bool is_elsewhere(const redisReply &reply);

}  // namespace wse::backplane_redis::parts
