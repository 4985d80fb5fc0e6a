// SPDX-License-Identifier: MIT
#include "attach.h"

#include <algorithm>

#include "ids.h"
#include "script.h"

namespace wse::backplane_redis {
namespace {

bool read_topic(const redisReply &reply, const std::string &topic, const Context &context,
                Attached &ret) {
    const auto epoch = parse_number(element_text(reply, 3));
    const auto offset = parse_number(element_text(reply, 4));
    const redisReply *messages = element_of(reply, 5);
    const redisReply *facts = element_of(reply, 6);
    if (!epoch || !offset || !messages || !facts) return false;
    ret.place = {*epoch, *offset};
    uint64_t next = *offset;
    for (size_t i = 0; i < messages->elements; ++i) {
        auto message = read_kept(*messages->element[i], topic, context.periphery);
        if (!message || message->place != Place{*epoch, next}) {
            context.count(kRefused);
            break;
        }
        --next;
        ret.messages.push_back(std::move(*message));
    }
    std::reverse(ret.messages.begin(), ret.messages.end());
    for (size_t i = 0; i + 1 < facts->elements; i += 2) {
        auto fact = read_fact(topic, element_text(*facts, i), element_text(*facts, i + 1),
                              context.periphery);
        if (fact)
            ret.facts.push_back(std::move(*fact));
        else
            context.count(kRefused);
    }
    const redisReply *total = element_of(reply, 7);
    const uint64_t told = facts->elements / 2;
    if (total && total->type == REDIS_REPLY_INTEGER && static_cast<uint64_t>(total->integer) > told)
        ret.facts_left_out = static_cast<uint64_t>(total->integer) - told;
    return true;
}

}  // namespace

std::vector<std::string> attach_command(const Context &context, uint32_t shard,
                                        const Incarnation &incarnation, const std::string &topic,
                                        Place have, uint64_t most) {
    const Names &names = context.names;
    std::vector<std::string> keys = {names.incarnation(shard)};
    if (!topic.empty()) {
        keys.push_back(names.topic(shard, topic));
        keys.push_back(names.history(shard, topic));
        keys.push_back(names.facts(shard, topic));
    }
    return call_of(attach_script(), std::move(keys),
                   {incarnation.run_id, incarnation.generation, std::to_string(have.epoch),
                    std::to_string(have.offset), std::to_string(random_epoch()),
                    std::to_string(context.config.topic_age_ms), std::to_string(most)});
}

std::optional<Attached> read_attached(const redisReply &reply, const std::string &topic,
                                      const Context &context) {
    const auto last = parse_id(element_text(reply, 1));
    const auto count = parse_number(element_text(reply, 2));
    if (element_text(reply, 0) != "OK" || !last || !count) return std::nullopt;
    Attached attached = {*last, *count};
    if (!topic.empty() && !read_topic(reply, topic, context, attached)) return std::nullopt;
    return attached;
}

}  // namespace wse::backplane_redis
