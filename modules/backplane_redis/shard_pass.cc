// SPDX-License-Identifier: MIT
// What is done with the entries of a shard.
#include <algorithm>
#include <utility>

#include "abi/module_class.h"
#include "parts/letter_request.h"
#include "shard.h"

namespace wse::backplane_redis {

// One step; whatever it calls may follow and unfollow.
Shard::Step Shard::next() {
    Step step = tell_patterns();
    if (step != Step::kDone) return step;
    if (inbox_.empty()) {
        step = complete(position_, true);
        if (step != Step::kDone) return step;
        if (!lost_) return Step::kIdle;
        reposition();
        return Step::kDone;
    }
    const Entry &entry = inbox_.front();
    // Their answers have everything before this entry.
    step = complete(entry.id, false);
    if (step != Step::kDone) return step;
    if (is_hole(entry)) {
        miss("entries of the stream");
        return Step::kDone;
    }
    step = pass(entry);
    if (step != Step::kDone) return step;
    position_ = entry.id;
    lag_ms_ = lag_of(entry);
    inbox_.pop_front();
    return Step::kDone;
}

// What was read before the data was lost has been passed on.
void Shard::reposition() {
    position_ = lost_->last;
    count_ = lost_->count;
    lost_.reset();
    is_reading_ = false;
    subjects_.ask_all_again();
}

// An entry of somebody else's has no number.
bool Shard::is_hole(const Entry &entry) {
    if (entry.count == 0 || entry.id == looked_at_) return false;
    looked_at_ = entry.id;
    const bool hole = entry.count != count_ + 1;
    count_ = entry.count;
    return hole;
}

void Shard::miss(const std::string &what) {
    context_.count(kHoles);
    context_.log(WSE_LOG_WARN,
                 "shard.hole shard=" + std::to_string(index_) + " missing=\"" + what + '"');
    subjects_.ask_unanswered_again();
}

Shard::Step Shard::tell_patterns() {
    while (const auto pattern = subjects_.untold_pattern()) {
        if (attached_(index_, *pattern) == WSE_EAGAIN) return Step::kLater;
        subjects_.pattern_told(*pattern);
    }
    return Step::kDone;
}

Shard::Step Shard::complete(EntryId until, bool inclusive) {
    while (const auto waiting = subjects_.first_waiting()) {
        if (until < waiting->id || (waiting->id == until && !inclusive)) break;
        const Step step = tell(waiting->name);
        if (step != Step::kDone) return step;
    }
    return Step::kDone;
}

Shard::Step Shard::tell(const std::string &name) {
    const Attached &answer = subjects_.find(name)->answer;
    std::vector<wse_message> messages;
    for (const Message &message : answer.messages) messages.push_back(message.view());
    std::vector<wse_fact> facts;
    for (const Fact &fact : answer.facts) facts.push_back(fact.view());
    const wse_followed followed = {
        .struct_size = sizeof followed,
        .reserved = 0,
        .topic = abi::bytes_of(name),
        .epoch = answer.place.epoch,
        .offset = answer.place.offset,
        .messages = messages.data(),
        .count = messages.size(),
        .host = abi::bytes_of(context_.self),
        .facts = facts.data(),
        .fact_count = facts.size(),
    };
    const int32_t status = context_.host->followed(context_.host, context_.loop, &followed);
    if (status == WSE_EAGAIN) return Step::kLater;
    // The call may have removed it.
    const Topic *topic = subjects_.find(name);
    if (topic && topic->state == Topic::State::kAnswered) subjects_.go_live(name);
    return Step::kDone;
}

Shard::Step Shard::pass(const Entry &entry) {
    switch (entry.kind) {
        case Entry::Kind::kMessage:
            return pass_message(entry.message);
        case Entry::Kind::kFact:
            return pass_fact(entry.fact);
        case Entry::Kind::kGone:
            return pass_gone(entry.text);
        case Entry::Kind::kCanary:
            pass_canary(entry);
            break;
        case Entry::Kind::kGeneration:
            pass_generation(entry);
            break;
        case Entry::Kind::kMalformed:
            refuse(entry.message.topic, entry.text);
            // All that follow the topic read it; one puts it aside.
            if (!entry.message.topic.empty() && context_.periphery.reads_ingress &&
                context_.periphery.reads_ingress())
                context_.dead_letter(entry.message.topic, entry.message.payload, entry.text);
            break;
    }
    return Step::kDone;
}

Shard::Step Shard::pass_message(const Message &message) {
    Topic *topic = subjects_.find(message.topic);
    if (!topic) return subjects_.has_pattern_of(message.topic) ? give(message) : Step::kDone;
    using State = Topic::State;
    // The answer says whether it is in it.
    if (topic->state == State::kUnasked || topic->state == State::kAsked) return Step::kWaiting;
    const bool is_same_epoch = topic->have.epoch == message.place.epoch;
    if (is_same_epoch && topic->have.offset >= message.place.offset) return Step::kDone;
    const bool is_next = is_same_epoch && topic->have.offset + 1 == message.place.offset;
    if (topic->state == State::kAnswered) {
        // It is in the answer. Who follows a pattern hears of it now, unless one before it is
        // missing, of which the answer tells, too.
        const bool is_told_now =
            subjects_.has_pattern_of(message.topic) && (is_next || topic->have == Place());
        if (!is_told_now) return Step::kDone;
    } else if (!is_next) {
        subjects_.ask_again(message.topic);
        return Step::kWaiting;
    }
    const Step step = give(message);
    topic = subjects_.find(message.topic);
    if (step == Step::kDone && topic) topic->have = message.place;
    return step;
}

Shard::Step Shard::give(const Message &message) {
    const wse_message view = message.view();
    const int32_t status = context_.host->remote_message(context_.host, context_.loop, &view);
    if (status == WSE_EAGAIN) return Step::kLater;
    if (status == WSE_OK)
        context_.count(kReceived);
    else
        refuse(message.topic, "the server does not take it");
    return Step::kDone;
}

Shard::Step Shard::pass_fact(const Fact &fact) {
    const Topic *topic = subjects_.find(fact.topic);
    if (!topic || topic->state == Topic::State::kAnswered) return Step::kDone;
    if (topic->state != Topic::State::kLive) return Step::kWaiting;
    const wse_fact view = fact.view();
    const int32_t status = context_.host->remote_fact(context_.host, context_.loop, &view);
    return status == WSE_EAGAIN ? Step::kLater : Step::kDone;
}

// Topic by topic: what the host says elsewhere, should it live after all, is not ended by this. A
// topic whose answer is on its way will be told without the host's facts.
Shard::Step Shard::pass_gone(const std::string &host) {
    std::vector<std::string> names;
    for (const auto &[name, topic] : subjects_.topics()) {
        if (topic.state == Topic::State::kLive) names.push_back(name);
        if (topic.state == Topic::State::kAsked) return Step::kWaiting;
    }
    for (const std::string &name : names) {
        for (const uint32_t kind : {WSE_FACT_PRESENT, WSE_FACT_GROUP}) {
            const Fact fact = {kind, name, "", "", host};
            const wse_fact view = fact.view();
            if (context_.host->remote_fact(context_.host, context_.loop, &view) == WSE_EAGAIN)
                return Step::kLater;
        }
    }
    // Others took this host for dead, and it is not: what holds on it is told anew.
    if (host == context_.self) writer_->renew_facts();
    return Step::kDone;
}

void Shard::pass_generation(const Entry &entry) {
    if (lost_ || !writer_->adopt(entry.text)) return;
    context_.count(kEpochsLost);
    context_.log(WSE_LOG_ERROR, "shard.data_lost shard=" + std::to_string(index_));
    canary_sent_at_ = 0;
    writer_->restate_facts();
    subjects_.ask_all_again();
}

void Shard::pass_canary(const Entry &entry) {
    if (entry.text != context_.self || entry.number != canaries_ || canary_sent_at_ == 0) return;
    canary_back_at_ = context_.now();
    canary_took_ms_ = canary_back_at_ - canary_sent_at_;
    canary_sent_at_ = 0;
}

uint64_t Shard::lag_of(const Entry &entry) const {
    const uint64_t now = context_.host->now_ms(context_.host);
    return now > entry.id.ms ? now - entry.id.ms : 0;
}

void Shard::refuse(const std::string &topic, const std::string &problem) {
    context_.count(kRefused);
    context_.log(WSE_LOG_WARN, "entry.refused shard=" + std::to_string(index_) + " topic=\"" +
                                   parts::printable(topic) + "\" problem=\"" + problem + '"');
}

}  // namespace wse::backplane_redis
