// SPDX-License-Identifier: MIT
// What the attach script says of a shard, and of a topic in it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "batch.h"

namespace wse::backplane_redis {

struct Attached {
    EntryId last;                        // everything up to there is in what follows
    uint64_t count = 0;                  // entries so far
    Place place = {};                    // of the topic; its offset may be 0
    std::vector<Message> messages = {};  // up to the place, oldest first, without a gap
    std::vector<Fact> facts = {};
    uint64_t facts_left_out = 0;  // of more than 16 MiB
};

// The call of the script; of no topic, it tells where the shard stands. At most `most` messages.
std::vector<std::string> attach_command(const Context &context, uint32_t shard,
                                        const Incarnation &incarnation, const std::string &topic,
                                        Place have, uint64_t most);
// Nothing when it is no such reply. A kept message that cannot be read, and what came before it, is
// left out.
std::optional<Attached> read_attached(const redisReply &reply, const std::string &topic,
                                      const Context &context);

}  // namespace wse::backplane_redis
