// SPDX-License-Identifier: MIT
// The scripts that Redis runs for us, and what it answers.
#pragma once

#include <hiredis/hiredis.h>

#include <string>
#include <string_view>
#include <vector>

namespace wse::backplane_redis {

struct Script {
    std::string text;
    std::string digest;  // by which EVALSHA knows it
};

// Immutable, made once.
const Script &append_script();
const Script &attach_script();
const Script &vote_script();
const Script &gone_script();

std::vector<const Script *> all_scripts();

// EVALSHA: every link has loaded the scripts.
std::vector<std::string> call_of(const Script &script, std::vector<std::string> keys,
                                 std::vector<std::string> arguments);

// Empty of what is no text.
std::string_view text_of(const redisReply &reply);
// Of an array; null of what is none, or has no such element.
const redisReply *element_of(const redisReply &reply, size_t index);
std::string_view element_text(const redisReply &reply, size_t index);

// "READONLY": the word that names an error, or empty.
std::string error_of(const redisReply &reply);
// The server is not the one that keeps the data, does not serve for now, or lacks our scripts.
bool is_elsewhere(std::string_view error);

}  // namespace wse::backplane_redis
