// SPDX-License-Identifier: MIT
// The hub's publishing: from a command to a committed message on its way.
#include "hub/hub.h"

#include "base/assert.h"
#include "base/json_scan.h"

namespace wse::hub {
namespace {

constexpr uint64_t kTryAgainMs = 2000;  // a journal that could not write

std::string key_of(const std::string &topic, const std::string &id) {
    return topic + '\n' + id;
}

}  // namespace

Hub::Hub(const Clock &clock, const Limits &limits, Effects &effects, PolicyOf policy_of,
         uint64_t seed)
    : clock_(clock),
      limits_(limits),
      effects_(effects),
      store_(limits.history_bytes),
      topics_(limits.topics, limits.loops, std::move(policy_of), store_, seed),
      log_epoch_(topics_.next_epoch()),
      dedup_({limits.dedup_ids, limits.dedup_age_ms}),
      presence_(limits.presence) {}

void Hub::publish(Publish command) {
    if (effects_.congested()) {
        return effects_.published(
            command.origin, Error{WSE_EAGAIN, "deliveries are behind; publish again in a moment"});
    }
    if (command.publication.id_given && answer_repeat(command)) return;
    if (is_shared(topics_.policy_of(command.publication.topic))) return submit(command);
    auto topic = topics_.open(command.publication.topic);
    if (!topic) return effects_.published(command.origin, topic.error());
    const proto::Position head = (*topic)->at.head;
    const auto position =
        place(std::move(command.publication), **topic, {head.epoch, head.offset + 1});
    effects_.published(command.origin, position);
}

// A publisher that did not hear the answer tries again: it gets the answer, nobody the message.
bool Hub::answer_repeat(const Publish &command) {
    const auto &publication = command.publication;
    if (const auto *position =
            dedup_.find(publication.topic, publication.id, clock_.monotonic_ms())) {
        effects_.published(command.origin, *position);
        return true;
    }
    const auto waiting = pending_ids_.find(key_of(publication.topic, publication.id));
    if (waiting == pending_ids_.end()) return false;
    if (is_full_of_pending()) {
        refuse_pending(command.origin);
    } else {
        pending_.at(waiting->second).repeats.push_back(command.origin);
        ++pending_repeats_;
    }
    return true;
}

bool Hub::is_full_of_pending() const {
    return pending_.size() + pending_repeats_ >= limits_.pending_submits;
}

void Hub::refuse_pending(const Origin &origin) {
    effects_.published(origin, Error{WSE_EAGAIN, "too many publishes wait for their place"});
}

void Hub::submit(const Publish &command) {
    if (is_full_of_pending()) return refuse_pending(command.origin);
    const SubmitTicket ticket = ++last_ticket_;
    if (command.publication.id_given)
        pending_ids_.emplace(key_of(command.publication.topic, command.publication.id), ticket);
    const auto &publication = command.publication;
    pending_.emplace(ticket, Pending{command.origin, publication.topic,
                                     publication.id_given ? publication.id : std::string()});
    cluster_->submit(ticket, publication, topics_.policy_of(publication.topic));
}

Hub::Pending Hub::take_pending(SubmitTicket ticket) {
    Pending pending = std::move(pending_.extract(ticket).mapped());
    pending_repeats_ -= pending.repeats.size();
    if (!pending.id.empty()) pending_ids_.erase(key_of(pending.topic, pending.id));
    return pending;
}

// The message itself comes by remote(), if anybody here wants it.
void Hub::commit(SubmitTicket ticket, proto::Position position) {
    if (!pending_.contains(ticket)) return;
    const Pending pending = take_pending(ticket);
    if (!pending.id.empty())
        dedup_.remember(pending.topic, pending.id, position, clock_.monotonic_ms());
    answer(pending, position);
}

void Hub::refuse(SubmitTicket ticket, Error why) {
    if (!pending_.contains(ticket)) return;
    answer(take_pending(ticket), std::move(why));
}

void Hub::answer(const Pending &pending, const Result<proto::Position> &position) {
    effects_.published(pending.origin, position);
    for (const Origin &origin : pending.repeats) effects_.published(origin, position);
}

proto::Position Hub::place(proto::Publication publication, Topic &topic, proto::Position position) {
    if (publication.id_given)
        dedup_.remember(publication.topic, publication.id, position, clock_.monotonic_ms());
    const auto message = keep(std::move(publication), topic, position);
    topics_.update_idle(topic);
    deliver(topic, message);
    return position;
}

// It is the topic's next one.
proto::MessageRef Hub::keep(proto::Publication publication, Topic &topic,
                            proto::Position position) {
    // Numbered are those that the journal will tell of, so that the numbers go on after a restart.
    sequence_ += topic.policy->keeps() ? 1 : 0;
    return keep_as(std::move(publication), topic, position, sequence_);
}

proto::MessageRef Hub::keep_as(proto::Publication publication, Topic &topic,
                               proto::Position position, uint64_t sequence) {
    auto message =
        make_message({std::move(publication), position, sequence, clock_.wall_ms()}, topic);
    topic.at.head = position;
    topic.at.sequence = sequence;
    write(topic, *message);
    const uint64_t now_ms = clock_.monotonic_ms();
    store_.keep(topic, message, now_ms, now_ms);
    return message;
}

proto::MessageRef Hub::make_message(proto::Record record, const Topic &topic) const {
    const TopicPolicy &policy = *topic.policy;
    proto::Handling handling{.stamped = policy.stamped(), .slow = policy.slow};
    if (!policy.key.empty())
        handling.key = find_json_member(record.publication.payload, policy.key);
    return proto::MessageRef(new proto::Message(std::move(record), std::move(handling)));
}

// Before anybody sees it.
void Hub::write(Topic &topic, const proto::Message &message) {
    if (!journal_ || !topic.policy->keeps()) return;
    topic.at.mark = journal_->append(message, topic.at.head);
}

// Where the topic stands without a message that tells it.
void Hub::note(Topic &topic) {
    if (!journal_ || !topic.policy->keeps()) return;
    topic.at.mark = journal_->note(topic.name, topic.at.head, topic.at.sequence);
}

void Hub::deliver(Topic &topic, const proto::MessageRef &message) {
    for (LoopIndex loop = 0; loop < limits_.loops; ++loop) {
        if (is_interested(topic, loop)) effects_.deliver(loop, message);
    }
    for (auto &[name, group] : topic.groups) share(topic, name, group, message);
}

bool Hub::is_interested(Topic &topic, LoopIndex loop) {
    if (topic.patterns_version != patterns_version_) find_pattern_loops(topic);
    return topic.subscribers[loop] > 0 ||
           (!topic.pattern_loops.empty() && topic.pattern_loops[loop]);
}

void Hub::find_pattern_loops(Topic &topic) {
    topic.patterns_version = patterns_version_;
    topic.pattern_loops.clear();
    patterns_.match(topic.name, [&](std::string_view, const LoopCounts &counts) {
        topic.pattern_loops.resize(limits_.loops, false);
        for (LoopIndex loop = 0; loop < limits_.loops; ++loop)
            topic.pattern_loops[loop] = topic.pattern_loops[loop] || counts[loop] > 0;
    });
}

void Hub::tick() {
    const uint64_t now_ms = clock_.monotonic_ms();
    store_.expire_all(now_ms);
    for (const auto &change : presence_.expire(now_ms)) tell(change);
    tell_moves();
    if (cluster_) tick_links(now_ms);
    if (journal_ && !journal_->writing() && now_ms >= next_try_ms_) {
        next_try_ms_ = now_ms + kTryAgainMs;
        if (journal_->try_again()) write_again();
    }
}

HubState Hub::state() const {
    return {.topics = topics_.size(),
            .patterns = patterns_.size(),
            .history_bytes = store_.bytes(),
            .history_evicted = store_.evicted(),
            .group_dropped = group_dropped_,
            .presence_topics = presence_.topic_count(),
            .links = links_.size(),
            .remote_lost = remote_lost_,
            .has_journal = journal_ != nullptr,
            .journal_writing = journal_ && journal_->writing()};
}

}  // namespace wse::hub
