// SPDX-License-Identifier: MIT
// backplane_redis: entries of a stream and answers of scripts, of a Redis that went mad or that
// strangers write to. What is passed on has a topic, a place and a payload, and is in order.
#include <hiredis/hiredis.h>

#include <memory>
#include <string_view>

#include "backplane_redis/attach.h"
#include "fuzz.h"

namespace wse::backplane_redis {
namespace {

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

void judge(const Message &message) {
    WSE_ASSERT(!message.topic.empty(), "a message of no topic");
    WSE_ASSERT(message.place.epoch != 0 && message.place.offset != 0, "a message without a place");
    WSE_ASSERT(!message.payload.empty(), "a message without a payload");
}

void judge(const redisReply &reply, const Context &context) {
    const auto entry = read_entry(reply, context.periphery);
    if (entry && entry->kind == Entry::Kind::kMessage) judge(entry->message);
    if (entry && entry->kind == Entry::Kind::kFact)
        WSE_ASSERT(entry->fact.kind != 0 && !entry->fact.key.empty(), "a fact that is none");
    const auto attached = read_attached(reply, "t", context);
    if (!attached) return;
    uint64_t next = attached->place.offset + 1;
    for (const Message &message : attached->messages) judge(message);
    for (size_t i = attached->messages.size(); i-- > 0;)
        WSE_ASSERT(attached->messages[i].place.offset == --next, "kept messages have a gap");
}

}  // namespace
}  // namespace wse::backplane_redis

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    using wse::backplane_redis::Batch;
    using wse::backplane_redis::Config;
    using wse::backplane_redis::Context;
    using wse::backplane_redis::Free;
    using wse::backplane_redis::Names;
    static const Config config = {};
    static wse_host host = {};
    host.stat_add = [](const wse_host *, uint32_t, int64_t) noexcept {};
    static const Context context = {&host, config, Names("wse", 1), "0011223344556677"};
    const std::unique_ptr<redisReader, Free> reader(redisReaderCreate());
    const std::string_view wire = wse::fuzz::text_of(data, size);
    if (wse::backplane_redis::announces_much(wire)) return 0;
    redisReaderFeed(reader.get(), wire.data(), wire.size());
    void *reply = nullptr;
    while (redisReaderGetReply(reader.get(), &reply) == REDIS_OK && reply) {
        const std::unique_ptr<redisReply, Free> owned(static_cast<redisReply *>(reply));
        wse::backplane_redis::judge(*owned, context);
    }
    Batch batch;
    batch.messages.resize(2);
    wse::backplane_redis::read_appended(wire, batch);
    return 0;
}
