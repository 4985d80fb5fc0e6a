// SPDX-License-Identifier: MIT
#include "cluster_locator.h"

#include <algorithm>
#include <map>

#include "reply_text.h"

namespace wse::backplane_redis::parts {
namespace {

constexpr int64_t kSlots = 16384;
constexpr size_t kMaxRanges = kSlots;
constexpr size_t kMaxLearned = 64;

// CRC-16/XMODEM.
uint16_t crc16(std::string_view text) {
    uint32_t crc = 0;
    for (const char c : text) {
        crc ^= static_cast<uint32_t>(static_cast<uint8_t>(c)) << 8;
        for (int bit = 0; bit < 8; ++bit) crc = crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1;
        crc &= 0xffff;
    }
    return static_cast<uint16_t>(crc);
}

std::optional<SlotRange> read_range(const redisReply &item, const redis::Url &asked) {
    const redisReply *master = item_at(item, 2);
    if (!master) return std::nullopt;
    const auto first = number_of(item_at(item, 0));
    const auto last = number_of(item_at(item, 1));
    const auto port = number_of(item_at(*master, 1));
    if (!first || !last || !port || *port < 1 || *port > UINT16_MAX) return std::nullopt;
    std::string host(text_at(*master, 0));
    if (host.empty() || host == "?") host = asked.host;
    return SlotRange{*first, *last, std::move(host), static_cast<uint16_t>(*port)};
}

}  // namespace

// The tag is what stands in the first pair of braces, if anything does.
uint16_t slot_of(std::string_view key) {
    const size_t open = key.find('{');
    const size_t end = open == std::string_view::npos ? open : key.find('}', open + 1);
    if (end != std::string_view::npos && end > open + 1) key = key.substr(open + 1, end - open - 1);
    return static_cast<uint16_t>(crc16(key) % kSlots);
}

std::vector<SlotRange> read_slots(const redisReply &reply, const redis::Url &asked) {
    std::vector<SlotRange> slots;
    if (reply.type != REDIS_REPLY_ARRAY || reply.elements > kMaxRanges) return slots;
    for (size_t i = 0; i < reply.elements; ++i) {
        if (auto range = read_range(*reply.element[i], asked)) slots.push_back(std::move(*range));
    }
    return slots;
}

ClusterLocator::ClusterLocator(uv_loop_t *loop, std::vector<redis::Url> nodes, redis::Url like)
    : like_(std::move(like)), later_(loop), inquiry_(loop, std::move(nodes)) {}

void ClusterLocator::locate(const std::string &key, Done done) {
    waiting_.emplace_back(key, std::move(done));
    if (slots_.empty()) {
        if (!inquiry_.is_busy()) ask();
        return;
    }
    later_.run([this] {
        if (!slots_.empty() && !inquiry_.is_busy()) answer_all("");
        if (!waiting_.empty() && !inquiry_.is_busy()) ask();
    });
}

void ClusterLocator::ask() {
    inquiry_.ask(
        {"CLUSTER", "SLOTS"},
        [this](const redisReply &reply, const redis::Url &from, std::string &ret_problem) {
            slots_ = read_slots(reply, from);
            from_ = from;
            if (slots_.empty()) ret_problem = "CLUSTER was answered " + word_of(reply);
            return !slots_.empty();
        },
        [this](const std::string &problem) {
            if (problem.empty()) learn_nodes();
            answer_all(problem);
        });
}

// Those of the configuration may be replaced, one by one, while the cluster lives.
void ClusterLocator::learn_nodes() {
    std::map<std::string, redis::Url> nodes;
    for (const SlotRange &range : slots_) {
        if (nodes.size() == kMaxLearned) break;
        nodes.emplace(range.host + ' ' + std::to_string(range.port), url_of(range));
    }
    std::vector<redis::Url> urls;
    urls.reserve(nodes.size());
    for (auto &[name, url] : nodes) urls.push_back(std::move(url));
    inquiry_.add(urls);
}

redis::Url ClusterLocator::url_of(const SlotRange &range) const {
    redis::Url url = like_;
    if (url.password.empty()) {
        url.user = from_.user;
        url.password = from_.password;
    }
    url.path.clear();
    url.host = range.host;
    url.port = range.port;
    return url;
}

void ClusterLocator::answer_all(const std::string &problem) {
    const auto waiting = std::exchange(waiting_, {});
    for (const auto &[key, done] : waiting) {
        const auto at = problem.empty() ? find(key) : std::nullopt;
        const std::string nobody = "slot " + std::to_string(slot_of(key)) + " has no master";
        done(at, at ? "" : problem.empty() ? nobody : problem);
    }
}

std::optional<redis::Url> ClusterLocator::find(const std::string &key) const {
    const int64_t slot = slot_of(key);
    const auto at = std::find_if(slots_.begin(), slots_.end(), [&](const SlotRange &range) {
        return range.first <= slot && slot <= range.last;
    });
    if (at == slots_.end()) return std::nullopt;
    return url_of(*at);
}

// The node that was asked may be cut off from the others. What is being asked for is new.
void ClusterLocator::moved(const std::string &) {
    if (inquiry_.is_busy()) return;
    if (!slots_.empty()) inquiry_.distrust();
    slots_.clear();
}

void ClusterLocator::close(std::function<void()> closed) {
    waiting_.clear();
    inquiry_.close([this, closed = std::move(closed)] { later_.close(closed); });
}

}  // namespace wse::backplane_redis::parts
