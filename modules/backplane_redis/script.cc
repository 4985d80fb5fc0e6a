// SPDX-License-Identifier: MIT
#include "script.h"

#include <openssl/sha.h>

#include <algorithm>
#include <iterator>

#include "append_lua.h"
#include "attach_lua.h"
#include "gone_lua.h"
#include "vote_lua.h"

namespace wse::backplane_redis {
namespace {

Script make(std::string_view text) {
    static constexpr char kDigits[] = "0123456789abcdef";
    unsigned char digest[SHA_DIGEST_LENGTH];
    SHA1(reinterpret_cast<const unsigned char *>(text.data()), text.size(), digest);
    Script script = {std::string(text), ""};
    for (const unsigned char octet : digest) {
        script.digest += kDigits[octet >> 4];
        script.digest += kDigits[octet & 15];
    }
    return script;
}

}  // namespace

const Script &append_script() {
    static const Script script = make(kAppendLua);
    return script;
}

const Script &attach_script() {
    static const Script script = make(kAttachLua);
    return script;
}

const Script &vote_script() {
    static const Script script = make(kVoteLua);
    return script;
}

const Script &gone_script() {
    static const Script script = make(kGoneLua);
    return script;
}

std::vector<const Script *> all_scripts() {
    return {&append_script(), &attach_script(), &vote_script(), &gone_script()};
}

std::vector<std::string> call_of(const Script &script, std::vector<std::string> keys,
                                 std::vector<std::string> arguments) {
    std::vector<std::string> command;
    command.reserve(3 + keys.size() + arguments.size());
    command.emplace_back("EVALSHA");
    command.push_back(script.digest);
    command.push_back(std::to_string(keys.size()));
    std::move(keys.begin(), keys.end(), std::back_inserter(command));
    std::move(arguments.begin(), arguments.end(), std::back_inserter(command));
    return command;
}

std::string_view text_of(const redisReply &reply) {
    if (reply.type != REDIS_REPLY_STRING && reply.type != REDIS_REPLY_STATUS) return {};
    return {reply.str, static_cast<size_t>(reply.len)};
}

const redisReply *element_of(const redisReply &reply, size_t index) {
    return reply.type == REDIS_REPLY_ARRAY && index < reply.elements ? reply.element[index]
                                                                     : nullptr;
}

std::string_view element_text(const redisReply &reply, size_t index) {
    const redisReply *element = element_of(reply, index);
    return element ? text_of(*element) : std::string_view();
}

std::string error_of(const redisReply &reply) {
    if (reply.type != REDIS_REPLY_ERROR) return "";
    const std::string_view text(reply.str, static_cast<size_t>(reply.len));
    return std::string(text.substr(0, std::min(text.find(' '), size_t{32})));
}

bool is_elsewhere(std::string_view error) {
    static constexpr std::string_view kWords[] = {"READONLY",  "MOVED",       "ASK",
                                                  "LOADING",   "CLUSTERDOWN", "MASTERDOWN",
                                                  "UNBLOCKED", "NOREPLICAS",  "NOSCRIPT"};
    return std::find(std::begin(kWords), std::end(kWords), error) != std::end(kWords);
}

}  // namespace wse::backplane_redis
