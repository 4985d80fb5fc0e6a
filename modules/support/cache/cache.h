// SPDX-License-Identifier: MIT
// Cache: values by key, bounded in number and in bytes. What was used longest ago goes first.
#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <unordered_map>
#include <utility>

namespace wse {

// One thread. Pointers that find() gives are valid until the next put() or erase().
template <class Value>
class Cache {
public:
    Cache(size_t max_count, uint64_t max_bytes) : max_count_(max_count), max_bytes_(max_bytes) {}

    Value *find(const std::string &key) {
        const auto at = places_.find(key);
        if (at == places_.end()) return nullptr;
        entries_.splice(entries_.begin(), entries_, at->second);
        return &at->second->value;
    }

    // In the place of what the key had. Does nothing more when `bytes` alone is over the bound.
    void put(const std::string &key, Value value, uint64_t bytes) {
        erase(key);
        if (bytes > max_bytes_ || max_count_ == 0) return;
        entries_.push_front({key, std::move(value), bytes});
        places_[key] = entries_.begin();
        bytes_ += bytes;
        while (bytes_ > max_bytes_ || entries_.size() > max_count_) drop(std::prev(entries_.end()));
    }

    void erase(const std::string &key) {
        if (const auto at = places_.find(key); at != places_.end()) drop(at->second);
    }

    void clear() {
        places_.clear();
        entries_.clear();
        bytes_ = 0;
    }

    size_t size() const { return entries_.size(); }

private:
    struct Entry {
        std::string key;
        Value value;
        uint64_t bytes;
    };
    using Place = typename std::list<Entry>::iterator;

    void drop(Place place) {
        bytes_ -= place->bytes;
        places_.erase(place->key);
        entries_.erase(place);
    }

    const size_t max_count_;
    const uint64_t max_bytes_;
    uint64_t bytes_ = 0;
    std::list<Entry> entries_;  // the one used last is at the front
    std::unordered_map<std::string, Place> places_;
};

}  // namespace wse
