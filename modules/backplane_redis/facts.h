// SPDX-License-Identifier: MIT
// OwnFacts: what holds on this host about topics of a shard, and what Redis has not heard of yet.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "entry.h"

namespace wse::backplane_redis {

class OwnFacts {
public:
    // An empty value: it holds no more. False, and nothing changed, when there are too many.
    bool set(Fact fact);
    // At most so many that are to be told, each as it stands now.
    std::vector<Fact> take(size_t most);
    // It was taken, and Redis has not heard of it. What was set since then holds.
    void put_back(const Fact &fact);
    bool has_news() const { return !news_.empty(); }
    // Redis has lost them, or may have: all are to be told again.
    void renew();

private:
    using Key = std::tuple<std::string, uint32_t, std::string>;  // topic, kind, key
    struct Value {
        std::string text;
        bool is_news = false;
    };

    std::map<Key, Value> facts_;
    std::deque<Key> news_;
};

}  // namespace wse::backplane_redis
