// SPDX-License-Identifier: MIT
// What a reply of Redis means for a question.
#pragma once

#include <hiredis/hiredis.h>

#include <cstdint>
#include <string>

#include <wse/module.h>

#include "options.h"
#include "snapshot/state.h"

namespace wse::snapshot_redis {

struct Answer {
    int32_t status = WSE_OK;  // WSE_ENOTFOUND: the key is not there
    snapshot::State state;
    std::string problem;  // of other failures: one sentence, with nothing of the content
};

// To the command that fits the type. A string is JSON. A hash is an object, a list an array; a
// value in them that is JSON stands for itself, every other one for a string. A hash that has the
// fields data, epoch and offset and no other is a state with its place, as read_state() says.
Answer read_reply(const redisReply &reply, KeyType type, uint64_t limit);

// An error of the server's: WSE_EAGAIN when it may serve a little later, WSE_EIO.
Answer read_error(const redisReply &reply);

}  // namespace wse::snapshot_redis
