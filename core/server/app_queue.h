// SPDX-License-Identifier: MIT
// What one application has not taken yet, in its order. It gets one batch at a time; one that it
// cannot take it gets again, with what has come since, after a pause that grows. [service loop]
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/counters.h"
#include "loop/loop.h"
#include "module/app_inbox.h"
#include "server/app_record.h"

namespace wse::server {

class AppQueue {
public:
    static constexpr size_t kBatchBytes = size_t{1} << 20;  // of more than one event
    static constexpr uint64_t kFirstPauseMs = 100;
    static constexpr uint64_t kLongestPauseMs = 5000;
    // A module that says that it goes on, and never ends, does not hold the stop for ever.
    static constexpr uint64_t kMostPatience = 10;

    // [main] All arguments outlive it. `most` events make a batch. `stepped` is called whenever the
    // module has shown that it goes on.
    AppQueue(Loop &service, Counters &counters, std::unique_ptr<module::AppInbox> inbox,
             size_t most, std::function<void()> stepped);

    const std::string &instance_name() const { return inbox_->instance_name(); }
    uint32_t wants() const { return wants_; }  // [any]

    void push(AppRecordRef record);
    // Delivers, unless it does already.
    void go();
    // The module says that it goes on with its batch.
    void progress();
    // The server stops: `done` comes once, when all has been taken, or nothing has been for
    // `patience_ms`. What is left then is lost, and so is what comes later.
    void finish(uint64_t patience_ms, std::function<void()> done);

    size_t events() const { return events_.size(); }
    size_t bytes() const { return bytes_; }
    bool is_away() const { return pause_ms_ > 0; }

private:
    std::vector<module::AppEvent> next_batch() const;
    void taken(size_t count, const Result<void> &result);
    void drop(size_t count);
    void pause(const Error &why);
    void wait();
    void give_up();
    void end();

    Loop &service_;
    Counters &counters_;
    const std::unique_ptr<module::AppInbox> inbox_;
    const uint32_t wants_;
    const size_t most_;
    const std::function<void()> stepped_;
    std::deque<AppRecordRef> events_;  // those of the batch in front
    size_t bytes_ = 0;
    std::unique_ptr<module::Pending> batch_;  // the module has it
    uint64_t pause_ms_ = 0;                   // the last one; 0: the last batch was taken
    bool is_over_ = false;
    uint64_t patience_ms_ = 0;  // 0: nobody waits for the end
    uint64_t patience_ends_ms_ = 0;
    std::function<void()> done_;
    Timer again_, patience_;
};

}  // namespace wse::server
