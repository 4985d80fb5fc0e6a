// SPDX-License-Identifier: MIT
#include "facts.h"

#include <utility>

namespace wse::backplane_redis {
namespace {

constexpr size_t kMost = 1 << 18;  // of a shard; the server bounds users and groups itself

}  // namespace

bool OwnFacts::set(Fact fact) {
    Key key(std::move(fact.topic), fact.kind, std::move(fact.key));
    const auto at = facts_.find(key);
    if (at == facts_.end() && facts_.size() >= kMost) return false;
    Value &value = at == facts_.end() ? facts_[key] : at->second;
    value.text = std::move(fact.value);
    if (!std::exchange(value.is_news, true)) news_.push_back(std::move(key));
    return true;
}

std::vector<Fact> OwnFacts::take(size_t most) {
    std::vector<Fact> out;
    while (!news_.empty() && out.size() < most) {
        const Key key = std::move(news_.front());
        news_.pop_front();
        const auto at = facts_.find(key);
        out.push_back({std::get<1>(key), std::get<0>(key), std::get<2>(key), at->second.text, ""});
        at->second.is_news = false;
        if (at->second.text.empty()) facts_.erase(at);
    }
    return out;
}

void OwnFacts::put_back(const Fact &fact) {
    const Key key(fact.topic, fact.kind, fact.key);
    const auto at = facts_.try_emplace(key, Value{fact.value, false}).first;
    if (!std::exchange(at->second.is_news, true)) news_.push_back(key);
}

void OwnFacts::renew() {
    for (auto &[key, value] : facts_) {
        if (!std::exchange(value.is_news, true)) news_.push_back(key);
    }
}

}  // namespace wse::backplane_redis
