// SPDX-License-Identifier: MIT
#include "server/app_queue.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace wse::server {

AppQueue::AppQueue(Loop &service, Counters &counters, std::unique_ptr<module::AppInbox> inbox,
                   size_t most, std::function<void()> stepped)
    : service_(service),
      counters_(counters),
      inbox_(std::move(inbox)),
      wants_(inbox_->wants()),
      most_(most),
      stepped_(std::move(stepped)),
      again_([this] { go(); }),
      patience_([this] { give_up(); }) {}

void AppQueue::push(AppRecordRef record) {
    if (is_over_) return counters_.add(Counter::app_lost);
    bytes_ += record->bytes();
    events_.push_back(std::move(record));
}

void AppQueue::go() {
    if (batch_ || again_.scheduled() || is_over_) return;
    if (events_.empty()) return end();
    const auto batch = next_batch();
    batch_ = inbox_->deliver(
        batch, [this, count = batch.size()](const Result<void> &result) { taken(count, result); });
}

std::vector<module::AppEvent> AppQueue::next_batch() const {
    std::vector<module::AppEvent> batch;
    batch.reserve(std::min(most_, events_.size()));
    size_t bytes = 0;
    for (const auto &record : events_) {
        bytes += record->bytes();
        if (batch.size() == most_ || (!batch.empty() && bytes > kBatchBytes)) break;
        batch.push_back(record->event());
    }
    return batch;
}

void AppQueue::taken(size_t count, const Result<void> &result) {
    batch_.reset();
    if (is_over_) return;
    if (!result) return pause(result.error());
    if (std::exchange(pause_ms_, 0) > 0)
        log::info("server", "app.back", {{"module", instance_name()}});
    counters_.add(Counter::app_events, count);
    drop(count);
    wait();
    go();
}

void AppQueue::drop(size_t count) {
    for (; count > 0; --count) {
        bytes_ -= events_.front()->bytes();
        events_.pop_front();
    }
}

void AppQueue::pause(const Error &why) {
    counters_.add(Counter::app_retries);
    if (pause_ms_ == 0)
        log::warn("server", "app.away", {{"module", instance_name()}, {"error", why.text}});
    pause_ms_ = std::clamp(2 * pause_ms_, kFirstPauseMs, kLongestPauseMs);
    service_.timers().schedule(again_, pause_ms_);
}

void AppQueue::progress() {
    if (batch_) wait();
}

void AppQueue::finish(uint64_t patience_ms, std::function<void()> done) {
    patience_ms_ = patience_ms;
    patience_ends_ms_ = service_.timers().now_ms() + kMostPatience * patience_ms;
    done_ = std::move(done);
    // A pause may be as long as the patience: whoever is back is not to miss the end.
    again_.cancel();
    wait();
    go();
}

// From here on the module has another while.
void AppQueue::wait() {
    stepped_();
    if (!done_) return;
    const uint64_t now = service_.timers().now_ms();
    const uint64_t left = patience_ends_ms_ > now ? patience_ends_ms_ - now : 0;
    service_.timers().schedule(patience_, std::min(patience_ms_, left));
}

void AppQueue::give_up() {
    counters_.add(Counter::app_lost, events_.size());
    log::warn("server", "app.events_lost",
              {{"module", instance_name()}, {"events", events_.size()}});
    batch_.reset();
    again_.cancel();
    events_.clear();
    bytes_ = 0;
    end();
}

// When all has been taken, and somebody waits for that.
void AppQueue::end() {
    if (!done_) return;
    is_over_ = true;
    patience_.cancel();
    std::exchange(done_, nullptr)();
}

}  // namespace wse::server
