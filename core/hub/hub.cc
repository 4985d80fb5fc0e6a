// SPDX-License-Identifier: MIT
#include "hub/hub.h"

#include <algorithm>

#include "base/assert.h"
#include "base/glob.h"

namespace wse::hub {

Hub::Hub(const Clock &clock, const Limits &limits, Effects &effects, uint64_t seed)
    : clock_(clock), limits_(limits), effects_(effects), epoch_state_(seed) {}

void Hub::publish(Publish command) {
    if (effects_.congested()) {
        return effects_.published(
            command.origin, Error{WSE_EAGAIN, "deliveries are behind; publish again in a moment"});
    }
    if (!sequencer_) {
        auto topic = open_topic(command.publication.topic);
        if (!topic) return effects_.published(command.origin, topic.error());
        const proto::Position next{(*topic)->row.head.epoch, (*topic)->row.head.offset + 1};
        return place(command.origin, std::move(command.publication), **topic, next);
    }
    if (pending_.size() >= limits_.pending_submits) {
        return effects_.published(command.origin,
                                  Error{WSE_EAGAIN, "too many publishes wait for their place"});
    }
    const SubmitTicket ticket = ++last_ticket_;
    const auto &stored = pending_.emplace(ticket, std::move(command)).first->second;
    sequencer_->submit(ticket, stored.publication);
}

void Hub::commit(SubmitTicket ticket, proto::Position position) {
    auto node = pending_.extract(ticket);
    if (node.empty()) return;
    Publish &command = node.mapped();
    auto topic = open_topic(command.publication.topic);
    if (!topic) return effects_.published(command.origin, topic.error());
    place(command.origin, std::move(command.publication), **topic, position);
}

void Hub::refuse(SubmitTicket ticket, Error why) {
    auto node = pending_.extract(ticket);
    if (!node.empty()) effects_.published(node.mapped().origin, std::move(why));
}

void Hub::place(const Origin &origin, proto::Publication publication, Topic &topic,
                proto::Position position) {
    topic.row.head = position;
    touch_idle(topic);
    // Unstamped: without a history to recover from, a stamp would only make clients see gaps (M6).
    const proto::MessageRef message(
        new proto::Message({std::move(publication), position, 0, clock_.wall_ms()}, {}));
    for (LoopIndex loop = 0; loop < topic.row.subscribers.size(); ++loop) {
        if (topic.row.subscribers[loop] > 0) effects_.deliver(loop, message);
    }
    effects_.published(origin, position);
}

void Hub::subscribe(const Subscribe &command) {
    WSE_ASSERT(command.origin.loop < limits_.loops, "a subscriber on a loop the hub does not know");
    std::vector<SubscribedTopic> answers;
    for (const auto &wanted : command.topics) {
        auto opened = open_topic(wanted.name);
        if (!opened) {
            answers.push_back({wanted.name, wanted.again, opened.error()});
            continue;
        }
        Topic &topic = **opened;
        if (!wanted.again) {
            if (topic.subscriber_count++ == 0) idle_.erase(topic.idle);
            ++topic.row.subscribers[command.origin.loop];
        }
        answers.push_back({wanted.name, wanted.again, topic.row.head});
    }
    effects_.subscribed(command.origin, std::move(answers));
}

void Hub::unsubscribe(const Unsubscribe &command) {
    for (const auto &name : command.topics) {
        const auto found = topics_.find(name);
        WSE_ASSERT(found != topics_.end() && found->second.row.subscribers[command.loop] > 0,
                   "unsubscribed more often than subscribed");
        Topic &topic = found->second;
        --topic.row.subscribers[command.loop];
        if (--topic.subscriber_count == 0) topic.idle = idle_.insert(idle_.end(), name);
    }
}

Result<Hub::Topic *> Hub::open_topic(const std::string &name) {
    if (const auto found = topics_.find(name); found != topics_.end()) return &found->second;
    if (topics_.size() >= limits_.topics && !drop_longest_idle()) {
        return Error{WSE_EAGAIN, "the server holds " + std::to_string(limits_.topics) +
                                     " topics, all with subscribers (limits.max_topics)"};
    }
    Topic &topic = topics_[name];
    topic.row = {name, {next_epoch(), 0}, std::vector<uint32_t>(limits_.loops, 0)};
    topic.idle = idle_.insert(idle_.end(), name);
    return &topic;
}

void Hub::touch_idle(Topic &topic) {
    if (topic.subscriber_count == 0) idle_.splice(idle_.end(), idle_, topic.idle);
}

bool Hub::drop_longest_idle() {
    if (idle_.empty()) return false;
    topics_.erase(idle_.front());
    idle_.pop_front();
    return true;
}

uint32_t Hub::next_epoch() {
    // splitmix64: a topic that comes back after it was dropped gets an epoch no client has seen.
    epoch_state_ += 0x9e3779b97f4a7c15U;
    uint64_t mixed = epoch_state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
    return static_cast<uint32_t>(mixed >> 32);
}

const TopicRow *Hub::find(std::string_view topic) const {
    const auto found = topics_.find(std::string(topic));
    return found == topics_.end() ? nullptr : &found->second.row;
}

std::vector<TopicRow> Hub::topics(std::string_view pattern, size_t limit, size_t &ret_total) const {
    std::vector<const TopicRow *> matches;
    for (const auto &[name, topic] : topics_) {
        if (glob_match(pattern, name)) matches.push_back(&topic.row);
    }
    ret_total = matches.size();
    const size_t count = std::min(limit, matches.size());
    std::partial_sort(matches.begin(), matches.begin() + static_cast<ptrdiff_t>(count),
                      matches.end(),
                      [](const TopicRow *a, const TopicRow *b) { return a->topic < b->topic; });
    std::vector<TopicRow> rows;
    for (size_t i = 0; i < count; ++i) rows.push_back(*matches[i]);
    return rows;
}

}  // namespace wse::hub
