// SPDX-License-Identifier: MIT
// What the keys in Redis are called. All keys of a shard have one hash tag, so that a script may
// use several of them wherever Redis keeps its keys.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace wse::backplane_redis {

// Immutable.
class Names {
public:
    Names(std::string prefix, uint32_t shards) : prefix_(std::move(prefix)), shards_(shards) {}

    const std::string &prefix() const { return prefix_; }
    uint32_t shards() const { return shards_; }
    // The same on every host: FNV-1a of the topic.
    uint32_t shard_of(std::string_view topic) const;

    std::string stream(uint32_t shard) const { return in_shard(shard, "s"); }
    // hash: r the process of Redis, g the generation, q entries so far, l the id of the last one,
    // m:<host> for hosts that have used the shard, b:<generation> for those before
    std::string incarnation(uint32_t shard) const { return in_shard(shard, "n"); }
    std::string votes(uint32_t shard) const { return in_shard(shard, "v"); }
    // string: number and reply of the host's last batch
    std::string batch(uint32_t shard, std::string_view host) const {
        return in_shard(shard, "w:").append(host);
    }
    // hash: e, o, g the generation in which that holds, a how long the history lives, in ms ("0",
    // or absent: as long as this)
    std::string topic(uint32_t shard, std::string_view topic) const {
        return in_shard(shard, "t:").append(topic);
    }
    std::string history(uint32_t shard, std::string_view topic) const {
        return in_shard(shard, "h:").append(topic);
    }
    // string: the place of the message that was published under the id
    std::string id(uint32_t shard, std::string_view topic, std::string_view id) const {
        return in_shard(shard, "i:").append(topic).append("\n").append(id);
    }
    // hash: "<host>\n<kind>\n<key>" -> value
    std::string facts(uint32_t shard, std::string_view topic) const {
        return in_shard(shard, "f:").append(topic);
    }
    // hash: topic -> how many facts of the host hold there
    std::string fact_topics(uint32_t shard, std::string_view host) const {
        return in_shard(shard, "F:").append(host);
    }
    std::string shard_count() const { return common("shards"); }
    std::string key_fingerprint() const { return common("seal"); }
    std::string announcements() const { return common("all"); }

private:
    std::string in_shard(uint32_t shard, std::string_view rest) const;
    std::string common(std::string_view rest) const;

    std::string prefix_;
    uint32_t shards_;
};

// Is it one with '*' or '?' in it?
inline bool is_pattern(std::string_view topic) {
    return topic.find_first_of("*?") != std::string_view::npos;
}

}  // namespace wse::backplane_redis
