// SPDX-License-Identifier: MIT
// Shard: one stream that all hosts share, from which this host reads what it follows, and to which
// it appends what it publishes. What it reads is passed on in the order of the stream.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reader.h"
#include "subjects.h"
#include "writer.h"

namespace wse::backplane_redis {

// Nothing in Redis but the writer's connection before something is followed: who follows nothing
// reads nothing.
class Shard {
public:
    // A pattern is attached from now on, or something that it takes may have been missed. What it
    // returns is a status of the server's: WSE_EAGAIN, it is told again a little later.
    using PatternAttached = std::function<int32_t(uint32_t shard, const std::string &pattern)>;

    // `context` and `budget` outlive it.
    Shard(const Context &context, Budget &budget, uint32_t index, PatternAttached attached);

    void follow(const wse_topic_use &use);
    void unfollow(const std::string &name);
    Writer &writer() { return *writer_; }

    // Milliseconds until it wants to be called again.
    uint64_t tick();
    // What is wrong with it, or empty; of one that nobody needs nothing is.
    std::string problem() const;
    // {"shard":…}
    std::string status() const;
    // Follows nothing any more.
    void rest();
    // Answers what is left as canceled. `closed` is called when the loop has no handle of ours, not
    // in this call.
    void close(std::function<void()> closed);

private:
    std::string link_problem() const;

    enum class Start { kStopped, kPositioning, kRunning };
    enum class Step { kDone, kLater, kWaiting, kIdle };

    void begin();
    void stop();
    void ask();
    void ask_position();
    void take_position(const std::optional<Attached> &attached);
    void start_reader();
    Knowledge knowledge() const;
    void ask_topic(const std::string &name, uint64_t number);
    void take_answer(const std::string &name, uint64_t number, std::optional<Attached> &&answer,
                     bool is_too_big);
    void opened(bool is_new_generation, EntryId last, uint64_t count);
    void take_entries(std::vector<Entry> &&entries);

    void process();
    Step next();
    void reposition();
    bool is_hole(const Entry &entry);
    void miss(const std::string &what);
    Step tell_patterns();
    Step complete(EntryId until, bool inclusive);
    Step tell(const std::string &name);
    Step pass(const Entry &entry);
    Step pass_message(const Message &message);
    Step give(const Message &message);
    Step pass_fact(const Fact &fact);
    Step pass_gone(const std::string &host);
    void pass_generation(const Entry &entry);
    void pass_canary(const Entry &entry);
    void check_canary(uint64_t now);
    // By the clock of this host.
    uint64_t lag_of(const Entry &entry) const;
    void refuse(const std::string &topic, const std::string &problem);
    void check_closed();

    const Context &context_;
    const uint32_t index_;
    const PatternAttached attached_;
    Subjects subjects_;
    Start start_ = Start::kStopped;
    uint64_t begun_at_ = 0;  // to be needed
    bool position_is_asked_ = false;
    EntryId position_;    // the last entry that was passed on, or passed by
    uint64_t count_ = 0;  // the number of the last one that was looked at
    EntryId looked_at_;   // that one, if it is not passed on
    std::deque<Entry> inbox_;
    bool is_reading_ = false;  // the reader owes an answer
    uint64_t rounds_ = 0;      // of reading
    bool is_busy_ = false;     // passing on
    uint64_t questions_ = 0;
    size_t under_way_ = 0;  // questions about topics
    uint64_t ask_at_ = 0;   // after a failure
    struct Position {
        EntryId last;
        uint64_t count;
    };
    std::optional<Position> lost_;  // where the shard stands since data was lost

    uint64_t canaries_ = 0;
    uint64_t canary_sent_at_ = 0;  // 0: none is under way
    uint64_t canary_next_at_ = 0;
    uint64_t canary_took_ms_ = 0;
    uint64_t canary_back_at_ = 0;  // 0: none has come back
    uint64_t lag_ms_ = 0;          // of the last entry that was passed on

    bool closing_ = false;
    std::function<void()> closed_;
    bool writer_is_closed_ = false;
    std::vector<std::unique_ptr<Reader>> leaving_;
    std::unique_ptr<Reader> reader_;
    std::unique_ptr<Writer> writer_;
};

}  // namespace wse::backplane_redis
