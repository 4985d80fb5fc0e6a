// SPDX-License-Identifier: MIT
#include "server/observers.h"

#include <chrono>

namespace wse::server {
namespace {

constexpr uint32_t kFinish = 0;  // no event: the record behind which nothing counts any more

}  // namespace

class Observers::Way final : public module::Observations {
public:
    Way(Observers &observers, Counters &counters)
        : Observations(observers.mask_), observers_(observers), counters_(counters) {}

    void add(const module::Observation &observation) override {
        if (!observers_.take(observation)) counters_.add(Counter::observations_dropped);
    }

private:
    Observers &observers_;
    Counters &counters_;
};

Observers::Observers(Loop &service, const module::ModuleSet &modules)
    : mailbox_(service.uv(), [this](std::vector<Record> &records) { drain(records); }) {
    for (module::Instance *instance : modules.all(WSE_KIND_OBSERVER)) {
        observers_.emplace_back(*instance);
        mask_ |= observers_.back().mask();
    }
}

Observers::~Observers() = default;

module::Observations *Observers::make_way(Counters &counters) {
    if (mask_ == 0) return nullptr;
    ways_.push_back(std::make_unique<Way>(*this, counters));
    return ways_.back().get();
}

bool Observers::finish(uint64_t deadline_ms) {
    mailbox_.post(Record{.event = kFinish});
    return finished_.get_future().wait_for(std::chrono::milliseconds(deadline_ms)) ==
           std::future_status::ready;
}

bool Observers::take(const module::Observation &observation) {
    const std::string_view texts[] = {observation.connection, observation.user,
                                      observation.peer,       observation.listener,
                                      observation.topic,      observation.detail};
    size_t length = 0;
    for (const auto &text : texts) length += text.size();
    // Threads that ask at the same time may pass the limits by one record each.
    if (queued_ >= kMaxQueued || queued_bytes_ + sizeof(Record) + length > kMaxQueuedBytes)
        return false;
    Record record{
        .event = observation.event, .time_ms = observation.time_ms, .number = observation.number};
    record.text.reserve(length);
    for (size_t i = 0; i < std::size(texts); ++i) {
        record.text += texts[i];
        record.ends[i] = static_cast<uint32_t>(record.text.size());
    }
    ++queued_;
    queued_bytes_ += record.bytes();
    mailbox_.post(std::move(record));
    return true;
}

void Observers::drain(std::vector<Record> &records) {
    for (const Record &record : records) {
        if (record.event == kFinish) {
            is_finished_ = true;
            finished_.set_value();
        }
        if (is_finished_) continue;
        const auto text = [&record](size_t i) {
            const size_t from = i == 0 ? 0 : record.ends[i - 1];
            return std::string_view(record.text).substr(from, record.ends[i] - from);
        };
        const module::Observation observation{.event = record.event,
                                              .time_ms = record.time_ms,
                                              .connection = text(0),
                                              .user = text(1),
                                              .peer = text(2),
                                              .listener = text(3),
                                              .topic = text(4),
                                              .detail = text(5),
                                              .number = record.number};
        for (auto &observer : observers_) observer.observe(observation);
        --queued_;
        queued_bytes_ -= record.bytes();
    }
}

}  // namespace wse::server
