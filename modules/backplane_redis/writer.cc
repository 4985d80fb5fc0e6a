// SPDX-License-Identifier: MIT
#include "writer.h"

#include <algorithm>
#include <utility>

#include "abi/module_class.h"
#include "ids.h"
#include "script.h"

namespace wse::backplane_redis {
namespace {

constexpr uint64_t kReplyBytes = 64 * 1024 * 1024;
constexpr uint64_t kVoteAgainMs = 50;
constexpr uint64_t kSendAgainMs = 250;
constexpr uint64_t kRestMs = 250;  // between ticks when nothing is due
constexpr uint64_t kTrimMs = 1000;
constexpr size_t kFactsOfBatch = 128;
constexpr size_t kGoneTopics = 500;

// Errors by which nothing has been done, and that pass.
bool is_passing(std::string_view error) {
    return error == "OOM" || error == "MISCONF" || error == "BUSY" || error == "TRYAGAIN";
}

}  // namespace

Writer::Writer(const Context &context, Budget &budget, uint32_t shard, WriterEvents events)
    : context_(context),
      shard_(shard),
      events_(std::move(events)),
      outbox_(budget),
      link_(context, context.names.stream(shard), kReplyBytes,
            {[this](const std::string &run_id) {
                 incarnation_.run_id = run_id;
                 state_ = State::kChecking;
                 vote();
             },
             [this](const std::string &problem) {
                 state_ = State::kDown;
                 vote_at_ = 0;
                 context_.log(WSE_LOG_INFO, "shard.lost shard=" + std::to_string(shard_) +
                                                " problem=\"" + problem + '"');
             }}) {}

int32_t Writer::submit(const wse_message &message, const wse_topic_use &use,
                       wse_submit_token *token) {
    Submission it;
    it.token = token;
    it.message.topic = abi::text_of(message.topic);
    it.message.type = abi::text_of(message.type);
    it.id_given = use.id_given == 1 && message.id.len > 0;
    it.message.id = message.id.len > 0 ? std::string(abi::text_of(message.id))
                                       : random_uuid(context_.host->now_ms(context_.host));
    it.message.payload = abi::text_of(message.payload);
    it.message.extra = abi::text_of(message.extra);
    it.message.priority = message.priority;
    it.message.time_ms = message.time_ms;
    it.history_messages = use.history_messages;
    it.history_age_ms = use.history_age_ms;
    it.queued_at_ms = context_.now();
    if (it.message.topic.empty() || it.message.payload.empty()) return WSE_EINVAL;
    if (it.bytes() > static_cast<uint64_t>(context_.config.queue_bytes)) return WSE_ETOOBIG;
    if (!outbox_.push(std::move(it))) {
        context_.count(kRefused);
        return WSE_EAGAIN;
    }
    // It has been taken, whatever becomes of the batch.
    abi::guarded([this] { return pump(), WSE_OK; });
    return WSE_OK;
}

// What is under way may have its place already; its answer tells.
void Writer::cancel(wse_submit_token *token) {
    if (outbox_.remove(token))
        context_.host->submit_done(context_.host, token, WSE_ECANCELED, 0, 0);
}

bool Writer::set_fact(Fact fact) {
    const bool taken = facts_.set(std::move(fact));
    pump();
    return taken;
}

void Writer::renew_facts() {
    facts_.renew();
    pump();
}

void Writer::send_canary(uint64_t number) {
    canary_ = number;
    pump();
}

void Writer::end_host(std::string host) {
    if (!is_ending(host)) gone_.push_back(std::move(host));
    work_on_gone();
}

bool Writer::is_ending(const std::string &host) const {
    return std::find(gone_.begin(), gone_.end(), host) != gone_.end();
}

bool Writer::attach(const std::string &topic, Place have, uint64_t most, AttachDone done) {
    if (!is_open()) return false;
    return link_.send(
        attach_command(context_, shard_, incarnation_, topic, have, most),
        [this, topic, done = std::move(done)](redis::Failure failure, const redisReply *reply) {
            if (failure != redis::Failure::kNone)
                return done(std::nullopt, failure == redis::Failure::kTooBig);
            const std::string error = error_of(*reply);
            if (is_elsewhere(error)) {
                suspect("attach was answered " + error);
            } else if (element_text(*reply, 0) == "INC") {
                check_again();
            } else if (!error.empty()) {
                context_.log(WSE_LOG_WARN, "attach.failed shard=" + std::to_string(shard_) +
                                               " problem=\"answered " + error + '"');
            }
            done(read_attached(*reply, topic, context_), false);
        });
}

bool Writer::adopt(const std::string &generation) {
    if (incarnation_.generation.empty() || incarnation_.generation == generation) return false;
    incarnation_.generation = generation;
    appended_ = {};
    return true;
}

void Writer::proceed() {
    if (state_ == State::kChecking) vote();
}

// Another process of Redis, or other data, than what was voted on.
void Writer::check_again() {
    if (!is_open()) return;
    state_ = State::kChecking;
    vote();
}

void Writer::vote() {
    if (!context_.ready) return;
    const Names &names = context_.names;
    const Knowledge known = events_.knowledge();
    const bool is_needed = known.is_used && found_whole_ != incarnation_.run_id;
    std::vector<std::string> arguments = {incarnation_.run_id,
                                          context_.self,
                                          std::max(known.last, appended_).text(),
                                          std::to_string(random_epoch()),
                                          std::to_string(context_.config.vote_grace_ms),
                                          incarnation_.generation,
                                          is_needed ? "1" : ""};
    vote_at_ = 0;
    const bool sent =
        link_.send(call_of(vote_script(),
                           {names.incarnation(shard_), names.stream(shard_), names.votes(shard_)},
                           std::move(arguments)),
                   [this](redis::Failure failure, const redisReply *reply) {
                       if (failure == redis::Failure::kNone && state_ == State::kChecking)
                           take_vote(*reply);
                   });
    if (!sent) vote_at_ = context_.now() + kVoteAgainMs;
}

void Writer::take_vote(const redisReply &reply) {
    const auto last = parse_id(element_text(reply, 2));
    const auto count = parse_number(element_text(reply, 3));
    if (element_text(reply, 0) != "OPEN" || !last || !count) {
        const std::string error = error_of(reply);
        if (is_elsewhere(error)) return suspect("the vote was answered " + error);
        if (!error.empty()) problem_ = "Redis answers " + error;
        vote_at_ = context_.now() + kVoteAgainMs;
        return context_.wake(kVoteAgainMs);
    }
    const std::string before =
        std::exchange(incarnation_.generation, std::string(element_text(reply, 1)));
    const bool is_new = !before.empty() && before != incarnation_.generation;
    if (is_new) appended_ = {};
    found_whole_ = incarnation_.run_id;
    problem_.clear();
    state_ = State::kOpen;
    send_at_ = 0;
    if (is_new) restate_facts();
    events_.opened(is_new, *last, *count);
    pump();
    work_on_gone();
}

void Writer::pump() {
    if (!is_open() || in_flight_) return;
    if (!batch_) {
        auto batch = std::make_unique<Batch>();
        batch->facts = facts_.take(kFactsOfBatch);
        batch->canary = std::exchange(canary_, std::nullopt);
        batch->messages = outbox_.take();
        if (batch->empty()) return;
        batch->number = ++numbers_;
        batch->trims_by_age = context_.now() >= trim_at_;
        if (batch->trims_by_age) trim_at_ = context_.now() + kTrimMs;
        batch_ = std::move(batch);
    }
    if (context_.now() >= send_at_) send_batch();
}

void Writer::send_batch() {
    const uint64_t number = batch_->number;
    in_flight_ = link_.send(append_command(context_, shard_, incarnation_, *batch_),
                            [this, number](redis::Failure failure, const redisReply *reply) {
                                if (batch_ && batch_->number == number) take_batch(failure, reply);
                            });
    if (!in_flight_) send_at_ = context_.now() + kSendAgainMs;
}

// What failed with its connection is sent again as the same batch, when the next one is open.
void Writer::take_batch(redis::Failure failure, const redisReply *reply) {
    in_flight_ = false;
    if (failure != redis::Failure::kNone) {
        batch_->was_sent = true;
        return;
    }
    const std::string error = error_of(*reply);
    if (!error.empty()) return take_error(error);
    problem_.clear();
    const std::string_view word = element_text(*reply, 0);
    if (word == "INC") return check_again();
    const auto appended =
        word == "OK" ? read_appended(element_text(*reply, 1), *batch_) : std::nullopt;
    if (appended)
        finish(*appended);
    else
        drop_batch(WSE_EIO);
    pump();
}

void Writer::take_error(const std::string &error) {
    if (is_elsewhere(error)) return suspect("append was answered " + error);
    context_.log(WSE_LOG_ERROR, "append.failed shard=" + std::to_string(shard_) +
                                    " problem=\"answered " + error + '"');
    problem_ = "Redis answers " + error;
    if (is_passing(error)) {
        send_at_ = context_.now() + kSendAgainMs;
        return;
    }
    // A script that stopped halfway must not run again with the same batch: it would append the
    // first half twice.
    drop_batch(WSE_EIO);
    send_at_ = context_.now() + kSendAgainMs;
}

void Writer::finish(const Appended &appended) {
    const std::unique_ptr<Batch> batch = std::move(batch_);
    outbox_.done(batch->messages);
    appended_ = std::max(appended_, appended.last);
    context_.count(kBatches);
    context_.count(kAppended, batch->messages.size());
    for (size_t i = 0; i < batch->messages.size(); ++i)
        answer(batch->messages[i], WSE_OK, appended.places[i]);
}

void Writer::drop_batch(int32_t status) {
    const std::unique_ptr<Batch> batch = std::move(batch_);
    in_flight_ = false;
    outbox_.done(batch->messages);
    for (const Fact &fact : batch->facts) facts_.put_back(fact);
    if (!canary_) canary_ = batch->canary;
    context_.count(kRefused, batch->messages.size());
    for (const Submission &each : batch->messages) answer(each, status);
}

void Writer::answer(const Submission &submission, int32_t status, Place place) {
    if (!submission.token) return;
    context_.host->submit_done(context_.host, submission.token, status, place.epoch, place.offset);
}

// Of what was sent, and not answered, nobody knows whether it was appended, so it is not said that
// it was not.
void Writer::expire(uint64_t now) {
    const auto age = static_cast<uint64_t>(context_.config.queue_age_ms);
    if (now <= age) return;
    const uint64_t until = now - age;
    if (batch_ && batch_->oldest_ms() <= until)
        drop_batch(in_flight_ || batch_->was_sent ? WSE_ETIMEDOUT : WSE_EAGAIN);
    const std::vector<Submission> old = outbox_.take_older(until);
    if (!old.empty()) context_.count(kRefused, old.size());
    for (const Submission &each : old) answer(each, WSE_EAGAIN);
}

uint64_t Writer::tick() {
    const uint64_t now = context_.now();
    expire(now);
    if (vote_at_ != 0 && now >= vote_at_ && state_ == State::kChecking) vote();
    pump();
    work_on_gone();
    return vote_at_ != 0 ? kVoteAgainMs : kRestMs;
}

void Writer::work_on_gone() {
    if (gone_.empty() || gone_is_asked_ || !is_open()) return;
    gone_is_asked_ = link_.send({"HRANDFIELD", context_.names.fact_topics(shard_, gone_.front()),
                                 std::to_string(kGoneTopics)},
                                [this](redis::Failure failure, const redisReply *reply) {
                                    gone_is_asked_ = false;
                                    if (failure == redis::Failure::kNone && is_open())
                                        take_gone_topics(*reply);
                                });
}

void Writer::take_gone_topics(const redisReply &reply) {
    if (reply.type != REDIS_REPLY_ARRAY) return;
    const Names &names = context_.names;
    const std::string &host = gone_.front();
    std::vector<std::string> keys = {names.incarnation(shard_), names.stream(shard_),
                                     names.fact_topics(shard_, host)};
    std::vector<std::string> arguments = {incarnation_.run_id, incarnation_.generation, host,
                                          host == context_.self ? "" : "1"};
    for (size_t i = 0; i < reply.elements; ++i) {
        keys.push_back(names.facts(shard_, element_text(reply, i)));
        arguments.emplace_back(element_text(reply, i));
    }
    gone_is_asked_ = link_.send(call_of(gone_script(), std::move(keys), std::move(arguments)),
                                [this](redis::Failure failure, const redisReply *answer) {
                                    gone_is_asked_ = false;
                                    if (failure == redis::Failure::kNone) take_ended(*answer);
                                });
}

void Writer::take_ended(const redisReply &reply) {
    const std::string_view word = element_text(reply, 0);
    if (word == "INC") return check_again();
    if (word != "OK" && word != "MORE") return;
    if (word == "OK") {
        if (gone_.front() == context_.self) facts_.renew();
        gone_.pop_front();
        pump();
    }
    work_on_gone();
}

void Writer::close(std::function<void()> closed) {
    state_ = State::kDown;
    if (batch_) drop_batch(WSE_ECANCELED);
    for (const Submission &each : outbox_.take_older(UINT64_MAX)) answer(each, WSE_ECANCELED);
    link_.close(std::move(closed));
}

}  // namespace wse::backplane_redis
