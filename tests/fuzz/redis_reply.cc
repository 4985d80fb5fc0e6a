// SPDX-License-Identifier: MIT
// snapshot_redis: replies of a Redis that went mad, for each type of key. The state that is made of
// one is JSON and within the limit.
#include <hiredis/hiredis.h>

#include <memory>
#include <string_view>

#include "fuzz.h"
#include "json_text/json_text.h"
#include "snapshot_redis/reply.h"

namespace wse::snapshot_redis {
namespace {

constexpr uint64_t kLimit = 256;

struct Free {
    void operator()(redisReader *reader) const { redisReaderFree(reader); }
    void operator()(redisReply *reply) const { freeReplyObject(reply); }
};

// The client library takes the memory of an array before its items are there: a Redis that says so
// is believed.
bool announces_much(std::string_view wire) {
    for (size_t at = wire.find('*'); at != wire.npos; at = wire.find('*', at + 1)) {
        const std::string_view count = wire.substr(at + 1, wire.find('\r', at) - at - 1);
        if (count.size() > 4) return true;
    }
    return false;
}

void judge(const redisReply &reply) {
    if (reply.type == REDIS_REPLY_ERROR) {
        WSE_ASSERT(read_error(reply).status != WSE_OK, "an error is a state");
        return;
    }
    for (const KeyType type : {kString, kHash, kList, kAuto}) {
        const Answer answer = read_reply(reply, type, kLimit);
        if (answer.status == WSE_OK)
            WSE_ASSERT(json_text::is_json(answer.state.data), "a state is no JSON");
    }
}

}  // namespace
}  // namespace wse::snapshot_redis

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    using wse::snapshot_redis::Free;
    const std::unique_ptr<redisReader, Free> reader(redisReaderCreate());
    const std::string_view wire = wse::fuzz::text_of(data, size);
    if (wse::snapshot_redis::announces_much(wire)) return 0;
    redisReaderFeed(reader.get(), wire.data(), wire.size());
    void *reply = nullptr;
    while (redisReaderGetReply(reader.get(), &reply) == REDIS_OK && reply) {
        const std::unique_ptr<redisReply, Free> owned(static_cast<redisReply *>(reply));
        wse::snapshot_redis::judge(*owned);
    }
    return 0;
}
