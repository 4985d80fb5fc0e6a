// SPDX-License-Identifier: MIT
// How much clients may send, beyond what one session knows by itself: rates that all connections of
// a user, or of an address, share over all loops, and the pings of one connection.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/token_bucket.h"

namespace wse::session {

// Buckets by name. A session takes tokens in portions, so that the lock is taken once for many
// messages; what it has not used goes back with it. A bucket outlives its last session until it is
// full again, so that connecting anew gains nothing. [any]
class SharedRates {
public:
    // One session's way to its bucket. [loop]
    class Share {
    public:
        Share(SharedRates &rates, std::string name, uint64_t now_ms);
        ~Share();
        Share(const Share &) = delete;
        Share &operator=(const Share &) = delete;
        // Takes so many tokens. False: all of the sessions together have used them up.
        bool take(uint64_t now_ms, uint64_t count = 1);

    private:
        bool take_one(uint64_t now_ms);

        SharedRates &rates_;
        const std::string name_;
        uint64_t tokens_ = 0;          // taken, and not used
        uint64_t empty_until_ms_ = 0;  // not worth looking before
    };

    // A capacity of 0: no limit, and no shares. Outlives its shares.
    SharedRates(uint64_t capacity, uint64_t per_second);
    bool limits() const { return capacity_ != 0; }
    std::unique_ptr<Share> share(std::string_view name, uint64_t now_ms);
    size_t size() const;
    // Of what a large message costs beyond its first token: as much as a full bucket has left, so
    // that a small one does not keep it out for good.
    static uint64_t affordable(uint64_t count, uint64_t capacity) {
        return std::clamp<uint64_t>(count, 1, std::max<uint64_t>(capacity, 2) - 1);
    }

private:
    struct Entry {
        TokenBucket bucket;
        uint64_t sessions = 0;
    };

    // Buckets without a session that are remembered; beyond, they are forgotten early.
    static constexpr size_t kMaxIdle = 100'000;
    // The more sessions there are, the smaller are their portions, so that those that do nothing
    // hold a small part of the bucket between them.
    static constexpr uint64_t kMaxPortion = 64;

    void join(const std::string &name, uint64_t now_ms);
    void leave(const std::string &name, uint64_t unused);
    uint64_t take_portion(const std::string &name, uint64_t now_ms);
    void forget_full(uint64_t now_ms);

    const uint64_t capacity_, per_second_;
    mutable std::mutex mutex_;
    std::unordered_map<std::string, Entry> entries_;
    size_t forget_at_ = 1024;  // entries at which it is looked for full ones
};

// The pings and pongs of one connection, counted by the second. [loop]
class PingRate {
public:
    enum class Verdict : uint8_t { kAnswer, kPassOver, kClose };
    // One more has come. Over `rate` it is passed over, over ten times as many it is too much; 0:
    // no limit.
    Verdict count(uint64_t rate, uint64_t now_ms);

private:
    uint64_t second_ms_ = 0;
    uint64_t count_ = 0;
};

}  // namespace wse::session
