// SPDX-License-Identifier: MIT
// The part of a run that subscribes, recovers and replays.
#include "base/glob.h"
#include "hub_model_run.h"

namespace wse::hub {

SubscribedTopic HubModelRun::take_answer() {
    EXPECT_EQ(kept_.answers.size(), 1U);
    SubscribedTopic answer = std::move(kept_.answers.at(0));
    kept_.answers.clear();
    return answer;
}

void HubModelRun::change(ModelClient &client) {
    if (client.session >= kClients / 2) {
        return client.pattern.empty() ? subscribe_pattern(client) : leave_pattern(client);
    }
    const std::string topic = pick_topic();
    if (!client.subscribed.contains(topic)) return subscribe_topic(client, topic);
    hub_.unsubscribe({origin(client).loop, client.session, {{topic}}});
    model_.unsubscribe(topic, origin(client).loop);
    client.subscribed.erase(topic);
    client.leave(topic);
}

void HubModelRun::subscribe_topic(ModelClient &client, const std::string &topic) {
    std::optional<proto::Position> from;
    if (policy_of(topic).stamped() && pick(5) > 0) from = client.position(topic);
    hub_.subscribe({origin(client), {{topic, false, from}}});
    const auto answer = take_answer();
    ASSERT_EQ(answer.position.ok(), model_.subscribe(topic, origin(client).loop));
    if (!answer.position) return;
    client.subscribed[topic] = true;
    check_topic_answer(answer, topic, from);
    if (!policy_of(topic).stamped()) return;
    if (!from) client.forget(topic);
    client.on_topic(answer);
}

void HubModelRun::check_topic_answer(const SubscribedTopic &answer, const std::string &topic,
                                     const std::optional<proto::Position> &from) {
    const ModelTopic &known = model_.topics.at(topic);
    EXPECT_EQ(*answer.position, known.head());
    EXPECT_EQ(answer.stamped, known.policy->stamped());
    EXPECT_EQ(answer.lossy, known.policy->lossy());
    ASSERT_EQ(answer.replays.size(), from ? 1U : 0U);
    bool recovered = false;
    if (from) {
        const auto expected = known.after(topic, *from, now());
        BudgetLeft left;
        expect_replay(answer.replays[0], expected, left);
        EXPECT_EQ(answer.count, expected.messages.size());
        recovered = expected.recovered;
    }
    EXPECT_EQ(answer.recovered, recovered);
    const auto retained = known.retained();
    std::vector<std::pair<std::string, SentList>> expected;
    if (!recovered && !retained.empty()) expected.emplace_back(topic, retained);
    expect_retained(answer.retained, expected);
}

void HubModelRun::subscribe_again() {
    ModelClient &client = clients_[pick(kClients / 2)];
    if (client.subscribed.empty()) return;
    const std::string topic = client.subscribed.begin()->first;
    const proto::Position from = pick_position(topic);
    hub_.subscribe({origin(client), {{topic, true, from}}});
    check_topic_answer(take_answer(), topic, from);
}

proto::Position HubModelRun::pick_position(const std::string &topic) {
    const proto::Position head = model_.topics.at(topic).head();
    const uint64_t back = pick(12);
    return {head.epoch + (pick(8) == 0), head.offset + 2 > back ? head.offset + 2 - back : 0};
}

void HubModelRun::subscribe_pattern(ModelClient &client) {
    const bool resumes = client.from && pick(5) > 0;
    if (!resumes) client.forget();
    // Only who begins anew may take another one.
    const std::string pattern =
        resumes ? last_pattern_[client.session] : kPatterns[pick(std::size(kPatterns))];
    last_pattern_[client.session] = client.pattern = pattern;
    const auto known = client.known();
    const auto from = client.from;
    hub_.subscribe({origin(client), {{pattern, false, from}}, known});
    model_.subscribe_pattern(pattern, origin(client).loop);
    const auto answer = take_answer();
    check_pattern_answer(answer, from, {known.begin(), known.end()});
    client.on_pattern(answer, resumes);
}

void HubModelRun::check_pattern_answer(const SubscribedTopic &answer,
                                       const std::optional<proto::Position> &from,
                                       const HubModel::Known &known) {
    EXPECT_EQ(*answer.position, (proto::Position{model_.log_epoch, model_.sequence}));
    std::pair<std::vector<ExpectedReplay>, bool> expected;
    if (from) expected = model_.recover(answer.name, *from, known, now());
    EXPECT_EQ(answer.recovered, expected.second);
    ASSERT_EQ(answer.replays.size(), expected.first.size());
    BudgetLeft left;
    std::map<std::string, bool> recovered;
    for (size_t i = 0; i < answer.replays.size(); ++i) {
        expect_replay(answer.replays[i], expected.first[i], left);
        recovered[expected.first[i].topic] = expected.first[i].recovered;
    }
    std::vector<std::pair<std::string, SentList>> retained;
    for (const auto &[name, topic] : model_.topics) {
        if (!glob_match(answer.name, name) || topic.retained().empty()) continue;
        const bool has_state = recovered.contains(name) ? recovered[name] : expected.second;
        if (!has_state || !topic.policy->stamped()) retained.emplace_back(name, topic.retained());
    }
    expect_retained(answer.retained, retained);
}

void HubModelRun::leave_pattern(ModelClient &client) {
    hub_.unsubscribe({origin(client).loop, client.session, {{client.pattern}}});
    model_.unsubscribe_pattern(client.pattern, origin(client).loop);
    client.pattern.clear();
}

void HubModelRun::go_on() {
    ModelClient &client = clients_[pick(kClients)];
    const auto command = client.ask();
    if (!command || !hears(client, command->topic)) return;
    hub_.replay(*command);
    const Replayed part = check_replay(*command);
    client.take(part, part.recovered);
}

void HubModelRun::replay_anything() {
    const std::string topic = pick_topic();
    if (!model_.topics.contains(topic)) return;
    const Replay command{{}, topic, pick_position(topic)};
    hub_.replay(command);
    check_replay(command);
}

Replayed HubModelRun::check_replay(const Replay &command) {
    EXPECT_EQ(kept_.replays.size(), 1U);
    const Replayed part = std::exchange(kept_.replays, {}).at(0);
    const ModelTopic *const topic = model_.open(command.topic);
    ExpectedReplay expected{.topic = command.topic, .from = command.from, .head = {}};
    if (topic) expected = topic->after(command.topic, command.from, now());
    BudgetLeft left;
    expect_replay(part, expected, left);
    return part;
}

}  // namespace wse::hub
