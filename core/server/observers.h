// SPDX-License-Identifier: MIT
// The way from where things happen to the observers on the service loop: one bounded queue for all
// loops, in which the order of each connection is kept. What has no room is dropped and counted.
#pragma once

#include <atomic>
#include <future>
#include <memory>
#include <vector>

#include "base/counters.h"
#include "loop/loop.h"
#include "module/observer.h"
#include "module/set.h"

namespace wse::server {

class Observers {
public:
    static constexpr size_t kMaxQueued = 65536;
    static constexpr size_t kMaxQueuedBytes = size_t{16} << 20;

    // [main] before the service loop starts. All arguments outlive it.
    Observers(Loop &service, const module::ModuleSet &modules);
    // [main] after the service loop has ended.
    ~Observers();

    // [main] Where one thread tells what happens there; `counters` are that thread's. Null when
    // nobody listens. Lives as long as this.
    module::Observations *make_way(Counters &counters);
    // [main] When nothing happens any more and while the service loop still runs: delivers what is
    // queued. What is told later nobody hears. False: an observer has not let go by the
    // deadline. Once.
    bool finish(uint64_t deadline_ms);

private:
    // A copy of an observation.
    struct Record {
        uint32_t event = 0;
        uint64_t time_ms = 0;
        uint64_t number = 0;
        uint32_t ends[6] = {};  // of its texts, in `text`
        std::string text = {};

        size_t bytes() const { return sizeof *this + text.size(); }
    };
    class Way;

    bool take(const module::Observation &observation);
    void drain(std::vector<Record> &records);

    std::vector<module::Observer> observers_;
    uint32_t mask_ = 0;
    std::vector<std::unique_ptr<module::Observations>> ways_;
    std::promise<void> finished_;
    bool is_finished_ = false;  // [service loop]
    std::atomic<size_t> queued_{0};
    std::atomic<size_t> queued_bytes_{0};
    Mailbox<Record> mailbox_;
};

}  // namespace wse::server
