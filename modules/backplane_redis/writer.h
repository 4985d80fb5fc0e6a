// SPDX-License-Identifier: MIT
// Writer: everything that changes a shard, or asks where it stands. It makes sure that the data is
// that which the hosts have seen before anything is appended.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "attach.h"
#include "batch.h"
#include "facts.h"
#include "link.h"
#include "outbox.h"

namespace wse::backplane_redis {

// What this host knows of a shard beside what it has appended.
struct Knowledge {
    EntryId last;          // entry that it has read, or none
    bool is_used = false;  // by what follows from there
};

// Told on the loop, not inside a call of the writer.
struct WriterEvents {
    std::function<Knowledge()> knowledge;
    // The shard may be used. A generation that this host did not know: data has been lost, and what
    // it knows of places does not hold; the shard stands at `last` then.
    std::function<void(bool is_new_generation, EntryId last, uint64_t count)> opened;
};

class Writer {
public:
    // Nothing, and whether that is because the answer is too large.
    using AttachDone = std::function<void(std::optional<Attached>, bool is_too_big)>;

    // Connects. `context` and `budget` outlive it.
    Writer(const Context &context, Budget &budget, uint32_t shard, WriterEvents events);

    int32_t submit(const wse_message &message, const wse_topic_use &use, wse_submit_token *token);
    void cancel(wse_submit_token *token);
    bool set_fact(Fact fact);
    // Redis may have lost them.
    void renew_facts();
    // Or that some hold no more: what it knows of this host is ended, and what holds is told anew.
    void restate_facts() { end_host(context_.self); }
    void send_canary(uint64_t number);
    // What holds on a host that has gone, or on this one, is ended; tried until it is done.
    void end_host(std::string host);
    bool is_ending(const std::string &host) const;
    // False: not open, or too much under way; `done` is not called.
    bool attach(const std::string &topic, Place have, uint64_t most, AttachDone done);
    // The reader has met a generation. True when it is not the one that was known.
    bool adopt(const std::string &generation);
    // The reader has met other data than what was voted on.
    void check_again();

    // The context is ready.
    void proceed();
    // Milliseconds until it wants to be called again.
    uint64_t tick();
    void suspect(const std::string &problem) { link_.suspect(problem); }
    bool is_open() const { return state_ == State::kOpen; }
    // Of the process of Redis that it is open on.
    const std::string &run_id() const { return incarnation_.run_id; }
    // Something waits, or is under way, that Redis would take now.
    bool is_working() const {
        return is_open() && (batch_ || !outbox_.empty() || facts_.has_news());
    }
    const Link &link() const { return link_; }
    // Why Redis does not take what it is given; empty while it does.
    const std::string &problem() const { return problem_; }
    size_t queued() const { return outbox_.size() + (batch_ ? batch_->messages.size() : 0); }
    // Answers what is left as canceled.
    void close(std::function<void()> closed);

private:
    enum class State { kDown, kChecking, kOpen };

    void vote();
    void take_vote(const redisReply &reply);
    void pump();
    void send_batch();
    void take_batch(redis::Failure failure, const redisReply *reply);
    void take_error(const std::string &error);
    void finish(const Appended &appended);
    void drop_batch(int32_t status);
    void answer(const Submission &submission, int32_t status, Place place = {});
    void expire(uint64_t now);
    void work_on_gone();
    void take_gone_topics(const redisReply &reply);
    void take_ended(const redisReply &reply);

    const Context &context_;
    const uint32_t shard_;
    const WriterEvents events_;
    State state_ = State::kDown;
    Incarnation incarnation_;
    std::string found_whole_;  // the process whose data was
    EntryId appended_;         // the last entry of ours that we know of
    Outbox outbox_;
    OwnFacts facts_;
    std::optional<uint64_t> canary_;
    std::unique_ptr<Batch> batch_;
    bool in_flight_ = false;
    uint64_t numbers_ = 0;  // of batches
    uint64_t vote_at_ = 0;  // 0: not due
    uint64_t send_at_ = 0;  // after an error
    uint64_t trim_at_ = 0;  // the stream, by age
    std::string problem_;
    std::deque<std::string> gone_;
    bool gone_is_asked_ = false;
    Link link_;  // the last member: it may tell as soon as it is made
};

}  // namespace wse::backplane_redis
