// SPDX-License-Identifier: MIT
#include "outbox.h"

#include <algorithm>
#include <utility>

namespace wse::backplane_redis {

uint64_t Submission::bytes() const {
    return message.topic.size() + message.type.size() + message.id.size() + message.payload.size() +
           message.extra.size();
}

bool Outbox::push(Submission &&submission) {
    const uint64_t bytes = submission.bytes();
    if (budget_.used_messages >= budget_.messages || budget_.used_bytes + bytes > budget_.bytes)
        return false;
    queue_.push_back(std::move(submission));
    ++budget_.used_messages;
    budget_.used_bytes += bytes;
    return true;
}

void Outbox::release(const Submission &submission) {
    --budget_.used_messages;
    budget_.used_bytes -= submission.bytes();
}

Submission Outbox::pop() {
    Submission first = std::move(queue_.front());
    queue_.pop_front();
    return first;
}

std::vector<Submission> Outbox::take() {
    std::vector<Submission> batch;
    batch.reserve(std::min(queue_.size(), kBatchMessages));  // so that nothing is lost on the way
    uint64_t bytes = 0;
    while (!queue_.empty() && batch.size() < kBatchMessages) {
        bytes += queue_.front().bytes();
        if (!batch.empty() && bytes > kBatchBytes) break;
        batch.push_back(pop());
    }
    return batch;
}

void Outbox::done(const std::vector<Submission> &batch) {
    for (const Submission &each : batch) release(each);
}

std::vector<Submission> Outbox::take_older(uint64_t until_ms) {
    std::vector<Submission> old;
    old.reserve(queue_.size());
    while (!queue_.empty() && queue_.front().queued_at_ms <= until_ms) {
        release(queue_.front());
        old.push_back(pop());
    }
    return old;
}

bool Outbox::remove(const wse_submit_token *token) {
    const auto at = std::find_if(queue_.begin(), queue_.end(),
                                 [&](const Submission &each) { return each.token == token; });
    if (at == queue_.end()) return false;
    release(*at);
    queue_.erase(at);
    return true;
}

}  // namespace wse::backplane_redis
