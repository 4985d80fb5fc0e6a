// SPDX-License-Identifier: MIT
#include "batch.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "ids.h"
#include "script.h"

namespace wse::backplane_redis {
namespace {

// Longer than any batch is sent again.
constexpr const char *kBatchAgeMs = "3600000";

struct Call {
    std::vector<std::string> keys;
    std::vector<std::string> arguments;

    template <class... Texts>
    void add(Texts &&...texts) {
        (arguments.emplace_back(std::forward<Texts>(texts)), ...);
    }
};

// What a batch has messages of, and which of them each message is of.
struct Topics {
    std::vector<const Submission *> latest;
    std::vector<size_t> numbers;  // from 1

    explicit Topics(const Batch &batch) {
        std::unordered_map<std::string_view, size_t> known;
        for (const Submission &each : batch.messages) {
            const size_t number =
                known.try_emplace(each.message.topic, known.size() + 1).first->second;
            latest.resize(known.size());
            latest[number - 1] = &each;
            numbers.push_back(number);
        }
    }
};

// The history is that of the latest message: it is the one that the others are trimmed to.
void add_topic(Call &call, const Context &context, uint32_t shard, const Submission &latest) {
    const std::string &topic = latest.message.topic;
    call.keys.push_back(context.names.topic(shard, topic));
    call.keys.push_back(context.names.history(shard, topic));
    call.add(topic, std::to_string(random_epoch()), std::to_string(latest.history_messages),
             std::to_string(latest.history_age_ms));
}

void add_fact(Call &call, const Context &context, uint32_t shard, const Fact &fact) {
    call.keys.push_back(context.names.facts(shard, fact.topic));
    call.add("f", std::to_string(fact.kind), fact.topic, fact.key,
             sealed(fact.value, context.periphery));
}

void add_message(Call &call, const Context &context, uint32_t shard, size_t topic,
                 const Submission &it) {
    const Message &message = it.message;
    if (it.id_given) call.keys.push_back(context.names.id(shard, message.topic, message.id));
    call.add("m", std::to_string(topic), it.id_given ? "1" : "", message.type, message.id,
             sealed(message.payload, context.periphery), sealed(message.extra, context.periphery),
             std::to_string(message.priority), std::to_string(message.time_ms));
}

}  // namespace

std::vector<std::string> append_command(const Context &context, uint32_t shard,
                                        const Incarnation &incarnation, const Batch &batch) {
    const Names &names = context.names;
    const Config &config = context.config;
    const Topics topics(batch);
    Call call;
    call.keys = {names.incarnation(shard), names.stream(shard), names.batch(shard, context.self),
                 names.fact_topics(shard, context.self)};
    call.add(incarnation.run_id, incarnation.generation, context.self, std::to_string(batch.number),
             std::to_string(config.stream_length),
             std::to_string(batch.trims_by_age ? config.stream_age_ms : 0),
             std::to_string(config.topic_age_ms), std::to_string(config.dedup_age_ms), kBatchAgeMs,
             std::to_string(topics.latest.size()));
    for (const Submission *each : topics.latest) add_topic(call, context, shard, *each);
    for (const Fact &each : batch.facts) add_fact(call, context, shard, each);
    if (batch.canary) call.add("c", std::to_string(*batch.canary));
    for (size_t i = 0; i < batch.messages.size(); ++i)
        add_message(call, context, shard, topics.numbers[i], batch.messages[i]);
    return call_of(append_script(), std::move(call.keys), std::move(call.arguments));
}

std::optional<Appended> read_appended(std::string_view reply, const Batch &batch) {
    const auto next = [&reply] {
        const size_t end = std::min(reply.find(' '), reply.size());
        const std::string_view word = reply.substr(0, end);
        reply.remove_prefix(std::min(end + 1, reply.size()));
        return word;
    };
    Appended appended;
    const auto last = parse_id(next());
    if (!last) return std::nullopt;
    appended.last = *last;
    const size_t without_place = batch.facts.size() + (batch.canary ? 1 : 0);
    for (size_t i = 0; i < without_place; ++i) {
        if (next() != "-") return std::nullopt;
    }
    for (size_t i = 0; i < batch.messages.size(); ++i) {
        const auto place = parse_place(next());
        if (!place) return std::nullopt;
        appended.places.push_back(*place);
    }
    return reply.empty() ? std::optional(std::move(appended)) : std::nullopt;
}

}  // namespace wse::backplane_redis
