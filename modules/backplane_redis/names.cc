// SPDX-License-Identifier: MIT
#include "names.h"

namespace wse::backplane_redis {

uint32_t Names::shard_of(std::string_view topic) const {
    uint32_t hash = 2166136261u;
    for (const char c : topic) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
    return hash % shards_;
}

std::string Names::in_shard(uint32_t shard, std::string_view rest) const {
    std::string key;
    key.reserve(prefix_.size() + rest.size() + 16);
    return key.append("{")
        .append(prefix_)
        .append(":")
        .append(std::to_string(shard))
        .append("}:")
        .append(rest);
}

std::string Names::common(std::string_view rest) const {
    return ("{" + prefix_ + "}:").append(rest);
}

}  // namespace wse::backplane_redis
