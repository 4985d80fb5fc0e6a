// SPDX-License-Identifier: MIT
// What came in by the ingress and has not been published yet. Of each topic one message is with the
// server at a time: were there more and the first one refused for want of room, the others might be
// taken before it. What is refused for good goes to the dead letters.
#pragma once

#include <uv.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "abi/timer.h"
#include "dead_letters.h"
#include "ingress_entry.h"
#include "site.h"

namespace wse::backplane_redis::parts {

// Ids of counters.
struct IngressCounters {
    uint32_t published = 0;
    uint32_t refused = 0;
};

// One loop, from which everything is called.
class IngressQueue {
public:
    // Whether this host takes in the stream, by the clock of now.
    using Ours = std::function<bool()>;
    // An entry of the stream is no longer needed there; that may be told in add().
    using Done = std::function<void(const std::string &id)>;

    // Site and dead letters outlive this.
    IngressQueue(const Site &site, DeadLetters &dead_letters, const IngressCounters &counters,
                 Ours ours, Done done);
    // After `closed` of close().
    ~IngressQueue() { *self_ = nullptr; }
    IngressQueue(const IngressQueue &) = delete;
    IngressQueue &operator=(const IngressQueue &) = delete;

    // Time to read more from the stream. Reading is faster than keeping letters, which wait here.
    bool wants_more() const { return count_ < kLow && bytes_ < kLowBytes && letters_ == 0; }
    // An entry of the stream with this id has come, and has not been removed from there.
    bool has(const std::string &id) const { return ids_.count(id) > 0; }
    void removed(const std::string &id) { ids_.erase(id); }
    // Another host takes in the stream: what is not with the server yet is for that one to publish.
    void leave_stream();
    // Something has waited for so long, and nothing was taken from here.
    bool is_stuck(uint64_t ms) const;
    // False: there is no room for what was published on a channel, and it is lost. Entries of the
    // stream are always taken.
    bool add(IngressEntry entry);
    // What is with the server is waited for, what is not stays in the stream. `closed` is not
    // called in this call.
    void close(std::function<void()> closed);

private:
    struct Topic {
        std::deque<IngressEntry> entries;  // never empty
        bool at_server = false;            // the first one is
    };
    // A topic whose first message is with the server.
    struct Publishing {
        IngressQueue *queue;
        std::string topic;
    };
    static constexpr size_t kLow = 1000;
    static constexpr size_t kLowBytes = 16 << 20;
    static constexpr size_t kHigh = 10'000;
    static constexpr size_t kHighBytes = 64 << 20;
    static constexpr size_t kAtOnce = 128;  // with the server

    static bool is_of_stream(const IngressEntry &entry) { return !entry.id.empty(); }
    void pump();
    void publish(const std::string &topic);
    void published(const std::string &topic, int32_t status);
    void judge(const std::string &topic, int32_t status);
    IngressEntry take_first(const std::string &topic);
    void forget(const IngressEntry &entry);
    void hold(const std::string &topic);
    void release();
    void refuse(const IngressEntry &entry, const std::string &reason);
    void kept(const std::string &id);
    void check_closed();

    const Site &site_;
    DeadLetters &dead_letters_;
    const IngressCounters counters_;
    const Ours ours_;
    const Done done_;
    // Shared with letters, which may be kept when this has gone.
    const std::shared_ptr<IngressQueue *> self_;
    std::map<std::string, Topic> topics_;
    std::deque<std::string> ready_;  // topics whose turn it is
    std::vector<std::string> held_;  // for which the server has no room
    std::set<std::string> ids_;      // of entries that are in the stream
    size_t count_ = 0;
    size_t bytes_ = 0;
    size_t letters_ = 0;        // of entries of the stream, which are being kept
    uint64_t named_ = 0;        // messages that came without an id
    uint64_t progress_at_ = 0;  // by the loop's clock: something was taken, or nothing waited
    size_t at_server_ = 0;
    abi::Timer timer_;  // to try again
    bool closing_ = false;
    bool timer_open_ = true;
    std::function<void()> closed_;
};

}  // namespace wse::backplane_redis::parts
