// SPDX-License-Identifier: MIT
#include <algorithm>
#include <utility>

#include "session/rates.h"

namespace wse::session {
namespace {

constexpr uint64_t kEmptyMs = 20;  // for which an empty bucket is not asked again
constexpr uint64_t kSecondMs = 1000;
constexpr uint64_t kFarOver = 10;  // times the rate

}  // namespace

SharedRates::Share::Share(SharedRates &rates, std::string name, uint64_t now_ms)
    : rates_(rates), name_(std::move(name)) {
    rates_.join(name_, now_ms);
}

SharedRates::Share::~Share() {
    rates_.leave(name_, tokens_);
}

bool SharedRates::Share::take(uint64_t now_ms, uint64_t count) {
    for (uint64_t left = affordable(count, rates_.capacity_); left > 0; --left) {
        if (!take_one(now_ms)) return false;
    }
    return true;
}

bool SharedRates::Share::take_one(uint64_t now_ms) {
    if (tokens_ == 0) {
        if (now_ms < empty_until_ms_) return false;
        tokens_ = rates_.take_portion(name_, now_ms);
    }
    if (tokens_ == 0) {
        empty_until_ms_ = now_ms + kEmptyMs;
        return false;
    }
    --tokens_;
    return true;
}

SharedRates::SharedRates(uint64_t capacity, uint64_t per_second)
    : capacity_(capacity), per_second_(per_second) {}

std::unique_ptr<SharedRates::Share> SharedRates::share(std::string_view name, uint64_t now_ms) {
    if (!limits() || name.empty()) return nullptr;
    return std::make_unique<Share>(*this, std::string(name), now_ms);
}

size_t SharedRates::size() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
}

void SharedRates::join(const std::string &name, uint64_t now_ms) {
    const std::lock_guard lock(mutex_);
    if (entries_.size() >= forget_at_) forget_full(now_ms);
    const auto [entry, is_new] =
        entries_.try_emplace(name, Entry{TokenBucket(capacity_, per_second_, now_ms)});
    ++entry->second.sessions;
}

void SharedRates::leave(const std::string &name, uint64_t unused) {
    const std::lock_guard lock(mutex_);
    Entry &entry = entries_.at(name);
    entry.bucket.give_back(unused);
    --entry.sessions;
}

uint64_t SharedRates::take_portion(const std::string &name, uint64_t now_ms) {
    const std::lock_guard lock(mutex_);
    auto &[bucket, sessions] = entries_.at(name);
    const uint64_t portion = std::clamp<uint64_t>(capacity_ / 100 / sessions, 1, kMaxPortion);
    if (bucket.take(now_ms, portion)) return portion;
    const uint64_t rest = bucket.left();
    return bucket.take(now_ms, rest) ? rest : 0;
}

// The next look comes when there are twice as many, so that each entry costs the same.
void SharedRates::forget_full(uint64_t now_ms) {
    std::erase_if(entries_, [&](const auto &each) {
        const Entry &entry = each.second;
        return entry.sessions == 0 && entry.bucket.is_full(now_ms);
    });
    size_t idle =
        static_cast<size_t>(std::count_if(entries_.begin(), entries_.end(), [](const auto &each) {
            return each.second.sessions == 0;
        }));
    for (auto next = entries_.begin(); idle > kMaxIdle && next != entries_.end();) {
        const bool goes = next->second.sessions == 0;
        idle -= goes ? 1 : 0;
        next = goes ? entries_.erase(next) : std::next(next);
    }
    forget_at_ = std::max<size_t>(1024, 2 * entries_.size());
}

PingRate::Verdict PingRate::count(uint64_t rate, uint64_t now_ms) {
    if (rate == 0) return Verdict::kAnswer;
    if (now_ms - second_ms_ >= kSecondMs) {
        second_ms_ = now_ms;
        count_ = 0;
    }
    ++count_;
    if (count_ > kFarOver * rate) return Verdict::kClose;
    return count_ > rate ? Verdict::kPassOver : Verdict::kAnswer;
}

}  // namespace wse::session
