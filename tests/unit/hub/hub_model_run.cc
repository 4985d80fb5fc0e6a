// SPDX-License-Identifier: MIT
#include "hub_model_run.h"

#include "base/glob.h"

namespace wse::hub {

const TopicPolicy &HubModelRun::policy_of(std::string_view topic) {
    const auto policy = [](uint64_t messages, uint64_t age_ms, Retain retain, proto::Slow slow) {
        const bool keyed = retain == Retain::kLastByKey;
        return TopicPolicy{.history = {messages, age_ms, 100'000'000},
                           .slow = slow,
                           .retain = retain,
                           .key = keyed ? "k" : ""};
    };
    using proto::Slow;
    static const std::map<char, TopicPolicy> policies = {
        {'h', policy(8, 0, Retain::kNone, Slow::kDisconnect)},
        {'t', policy(20, 1000, Retain::kNone, Slow::kPause)},
        {'l', policy(5, 0, Retain::kLast, Slow::kPause)},
        {'b', policy(6, 3000, Retain::kLastByKey, Slow::kDisconnect)},
        {'k', policy(0, 0, Retain::kLastByKey, Slow::kConflate)},
        {'c', policy(8, 0, Retain::kLast, Slow::kDropOldest)},
        {'p', {}}};
    return policies.at(topic.at(0));
}

HubModelRun::HubModelRun(uint64_t seed)
    : random_(seed), hub_(clock_, limits(), kept_, policy_of, seed) {
    for (const char *topic : kTopics) {
        if (policy_of(topic).stamped()) log_[topic];
    }
    for (uint64_t session = 0; session < kClients; ++session) clients_.emplace_back(log_, session);
    hub_.subscribe({{}, {{"?"}}});
    model_.log_epoch = take_answer().position->epoch;
    hub_.unsubscribe({0, 0, {{"?"}}});
}

void HubModelRun::step() {
    switch (pick(16)) {
        case 0:
            return tick();
        case 1:
            return sync();
        case 2:
            return replay_anything();
        case 3:
            return subscribe_again();
        case 4:
        case 5:
        case 6:
            return change(clients_[pick(kClients)]);
        case 7:
        case 8:
            return go_on();
        default:
            return publish();
    }
}

Limits HubModelRun::limits() {
    return {.loops = kModelLoops,
            .topics = kLimits.topics,
            .dedup_ids = kLimits.ids,
            .dedup_age_ms = kLimits.id_age_ms};
}

Origin HubModelRun::origin(const ModelClient &client) {
    return {static_cast<LoopIndex>(client.session % kModelLoops), client.session, 0};
}

void HubModelRun::publish() {
    const std::string topic = pick_topic();
    constexpr const char *kKeys[] = {"", "1", "\"1\"", "{\"a\":1}", "null"};
    const std::string key = kKeys[pick(5)];
    const std::string text =
        "{\"n\":" + std::to_string(++number_) + (key.empty() ? "" : ",\"k\":" + key) + "}";
    const size_t padding = padding_of(topic);
    proto::Publication publication{topic, "type", "id", text + std::string(padding, ' ')};
    publication.id_given = pick(4) == 0;
    if (publication.id_given) publication.id = std::to_string(pick(10));
    hub_.publish({{}, publication});
    check_publish(publication,
                  {text, text.size() + padding, policy_of(topic).key.empty() ? "" : key});
}

size_t HubModelRun::padding_of(const std::string &topic) {
    if (topic == "h:b") return pick(3) == 0 ? 90'000 : 0;
    return topic == "b:b" && pick(30) == 0 ? 200'000 : 0;
}

void HubModelRun::check_publish(const proto::Publication &publication, Sent message) {
    ASSERT_EQ(kept_.positions.size(), 1U);
    const auto position = std::exchange(kept_.positions, {})[0];
    const auto delivered = std::exchange(kept_.delivered, {});
    const std::string &topic = publication.topic;
    if (const auto known = model_.find_id(topic, publication.id, now());
        publication.id_given && known) {
        EXPECT_EQ(*position, *known);
        return expect_none(delivered);
    }
    message.at_ms = now();
    const Sent *const sent = model_.publish(topic, std::move(message));
    ASSERT_EQ(position.ok(), sent != nullptr);
    if (!sent) return expect_none(delivered);
    EXPECT_EQ(*position, sent->position);
    if (publication.id_given) model_.remember_id(topic, publication.id, sent->position, now());
    check_delivery(topic, *sent, delivered);
}

void HubModelRun::expect_none(const Delivered &delivered) {
    EXPECT_TRUE(delivered.empty());
}

void HubModelRun::check_delivery(const std::string &topic, const Sent &sent,
                                 const Delivered &delivered) {
    const auto loops = model_.interested(topic);
    ASSERT_EQ(delivered.size(), loops.size());
    auto loop = loops.begin();
    for (const auto &[to, message] : delivered) {
        EXPECT_EQ(to, *loop++);
        expect_message(message, sent);
        EXPECT_EQ(message->handling.stamped, policy_of(topic).stamped());
    }
    if (!policy_of(topic).stamped()) return;
    log_[topic].push_back(sent.text);
    for (const auto &[to, message] : delivered) {
        for (auto &client : clients_) {
            if (origin(client).loop == to && hears(client, topic)) client.live(message);
        }
    }
}

bool HubModelRun::hears(const ModelClient &client, const std::string &topic) {
    return client.subscribed.contains(topic) ||
           (!client.pattern.empty() && glob_match(client.pattern, topic));
}

void HubModelRun::sync() {
    const bool by_pattern = pick(2) == 0;
    const std::string name = by_pattern ? kPatterns[pick(std::size(kPatterns))] : pick_topic();
    hub_.sync({{}, {name}});
    std::vector<std::pair<std::string, SentList>> expected;
    for (const auto &[topic, known] : model_.topics) {
        if (glob_match(name, topic) && !known.retained().empty())
            expected.emplace_back(topic, known.retained());
    }
    ASSERT_EQ(kept_.syncs.size(), 1U);
    expect_retained(std::exchange(kept_.syncs, {})[0], expected);
}

void HubModelRun::tick() {
    clock_.advance(pick(10) == 0 ? pick(4000) : pick(100));
    hub_.tick();
    size_t total = 0;
    const auto rows = hub_.topics("*", 1000, total);
    ASSERT_EQ(rows.size(), model_.topics.size());
    uint64_t bytes = 0;
    for (const auto &row : rows) {
        const ModelTopic &topic = model_.topics.at(row.topic);
        EXPECT_EQ(row.head, topic.head());
        EXPECT_EQ(row.history_messages, topic.history(now()).size());
        EXPECT_EQ(row.retained, topic.retained().size());
        EXPECT_TRUE(std::equal(row.subscribers.begin(), row.subscribers.end(),
                               topic.subscribers.begin(), topic.subscribers.end()));
        bytes += row.history_bytes;
    }
    EXPECT_EQ(hub_.state().history_bytes, bytes);
    EXPECT_EQ(hub_.state().history_evicted, 0U);
}

}  // namespace wse::hub
