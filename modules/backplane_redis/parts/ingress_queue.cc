// SPDX-License-Identifier: MIT
#include "ingress_queue.h"

#include <algorithm>
#include <utility>

#include "abi/module_class.h"
#include "publish.h"

namespace wse::backplane_redis::parts {
namespace {

constexpr uint64_t kRetry = 200;  // milliseconds

}  // namespace

IngressQueue::IngressQueue(const Site &site, DeadLetters &dead_letters,
                           const IngressCounters &counters, Ours ours, Done done)
    : site_(site),
      dead_letters_(dead_letters),
      counters_(counters),
      ours_(std::move(ours)),
      done_(std::move(done)),
      self_(std::make_shared<IngressQueue *>(this)),
      timer_(site.uv, [this] { release(); }) {}

bool IngressQueue::add(IngressEntry entry) {
    if (count_ + letters_ == 0) progress_at_ = uv_now(site_.uv);
    if (is_of_stream(entry)) ids_.insert(entry.id);
    if (!entry.problem.empty()) {
        refuse(entry, entry.problem);
        return true;
    }
    const bool full = count_ >= kHigh || bytes_ >= kHighBytes;
    if (!is_of_stream(entry) && full) {
        site_.host->stat_add(site_.host, counters_.refused, 1);
        return false;
    }
    // A message that is published once more after a time-out must be known again.
    if (entry.message.id.empty()) entry.message.id = site_.host_id + '-' + std::to_string(++named_);
    ++count_;
    bytes_ += entry.bytes();
    const std::string name = entry.message.topic;
    std::deque<IngressEntry> &waiting = topics_[name].entries;
    waiting.push_back(std::move(entry));
    if (waiting.size() == 1) ready_.push_back(name);
    pump();
    return true;
}

void IngressQueue::pump() {
    while (!ready_.empty() && !closing_ && at_server_ < kAtOnce) {
        const std::string topic = std::move(ready_.front());
        ready_.pop_front();
        publish(topic);
    }
}

// After a pause of this process the clock knows first that another host may publish the stream.
void IngressQueue::publish(const std::string &name) {
    Topic &topic = topics_.at(name);
    if (is_of_stream(topic.entries.front()) && !ours_()) return hold(name);
    auto publishing = std::make_unique<Publishing>(Publishing{this, name});
    const int32_t status = publish_then(
        site_, topic.entries.front().message,
        [](void *arg, int32_t answer, uint64_t, uint64_t) noexcept {
            const std::unique_ptr<Publishing> it(static_cast<Publishing *>(arg));
            it->queue->published(it->topic, answer);
        },
        publishing.get());
    if (status != WSE_OK) return judge(name, status);
    static_cast<void>(publishing.release());  // the answer's
    topic.at_server = true;
    ++at_server_;
}

void IngressQueue::published(const std::string &topic, int32_t status) {
    --at_server_;
    topics_.at(topic).at_server = false;
    judge(topic, status);
    if (closing_) return check_closed();
    pump();
}

void IngressQueue::judge(const std::string &topic, int32_t status) {
    const bool is_left = is_of_stream(topics_.at(topic).entries.front()) && !ours_();
    if (is_passing(status) && !is_left) return hold(topic);
    const IngressEntry entry = take_first(topic);
    if (is_passing(status)) return forget(entry);
    progress_at_ = uv_now(site_.uv);
    if (status != WSE_OK) return refuse(entry, "was refused: " + status_text(status));
    site_.host->stat_add(site_.host, counters_.published, 1);
    if (is_of_stream(entry)) done_(entry.id);
}

IngressEntry IngressQueue::take_first(const std::string &topic) {
    const auto at = topics_.find(topic);
    IngressEntry entry = std::move(at->second.entries.front());
    at->second.entries.pop_front();
    if (at->second.entries.empty())
        topics_.erase(at);
    else
        ready_.push_back(topic);
    --count_;
    bytes_ -= entry.bytes();
    return entry;
}

void IngressQueue::forget(const IngressEntry &entry) {
    ids_.erase(entry.id);
}

void IngressQueue::leave_stream() {
    for (auto &[name, topic] : topics_) {
        const auto first = topic.entries.begin() + (topic.at_server ? 1 : 0);
        const auto last = std::remove_if(first, topic.entries.end(), [this](IngressEntry &entry) {
            if (!is_of_stream(entry)) return false;
            --count_;
            bytes_ -= entry.bytes();
            forget(entry);
            return true;
        });
        topic.entries.erase(last, topic.entries.end());
    }
    std::erase_if(topics_, [](const auto &each) { return each.second.entries.empty(); });
    const auto is_gone = [this](const std::string &name) { return topics_.count(name) == 0; };
    std::erase_if(ready_, is_gone);
    std::erase_if(held_, is_gone);
}

bool IngressQueue::is_stuck(uint64_t ms) const {
    return count_ + letters_ > 0 && uv_now(site_.uv) >= progress_at_ + ms;
}

void IngressQueue::hold(const std::string &topic) {
    held_.push_back(topic);
    if (!closing_ && held_.size() == 1) timer_.start(kRetry);
}

void IngressQueue::release() {
    for (; !held_.empty(); held_.pop_back()) ready_.push_back(held_.back());
    pump();
}

void IngressQueue::refuse(const IngressEntry &entry, const std::string &reason) {
    site_.host->stat_add(site_.host, counters_.refused, 1);
    const std::string text = entry.text.empty() ? event_of(entry.message) : entry.text;
    if (!is_of_stream(entry)) return dead_letters_.add(entry.message.topic, text, reason);
    ++letters_;
    dead_letters_.move(entry.message.topic, text, reason, entry.id, [self = self_, id = entry.id] {
        if (*self) (*self)->kept(id);
    });
}

void IngressQueue::kept(const std::string &id) {
    --letters_;
    progress_at_ = uv_now(site_.uv);
    done_(id);
}

void IngressQueue::close(std::function<void()> closed) {
    closing_ = true;
    closed_ = std::move(closed);
    timer_.close([this] {
        timer_open_ = false;
        check_closed();
    });
}

// `closed` may destroy this: nothing is touched after it.
void IngressQueue::check_closed() {
    if (closing_ && !timer_open_ && at_server_ == 0 && closed_) std::exchange(closed_, nullptr)();
}

}  // namespace wse::backplane_redis::parts
