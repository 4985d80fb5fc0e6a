// SPDX-License-Identifier: MIT
#include "sentinel_locator.h"

#include <charconv>
#include <utility>

#include "reply_text.h"

namespace wse::backplane_redis::parts {

SentinelLocator::SentinelLocator(uv_loop_t *loop, std::vector<redis::Url> sentinels,
                                 std::string master, redis::Url like)
    : master_(std::move(master)), at_(std::move(like)), inquiry_(loop, std::move(sentinels)) {
    at_.path.clear();
}

// The shards lose their master in one moment, and one question serves them all.
void SentinelLocator::locate(const std::string &, Done done) {
    waiting_.push_back(std::move(done));
    if (inquiry_.is_busy()) return;
    inquiry_.ask(
        {"SENTINEL", "get-master-addr-by-name", master_},
        [this](const redisReply &reply, const redis::Url &, std::string &ret_problem) {
            return understand(reply, ret_problem);
        },
        [this](const std::string &problem) { answer(problem); });
}

bool SentinelLocator::understand(const redisReply &reply, std::string &ret_problem) {
    if (reply.type == REDIS_REPLY_NIL) {
        ret_problem = "knows no master of that name";
        return false;
    }
    const std::string_view port = text_at(reply, 1);
    const auto [stop, error] = std::from_chars(port.data(), port.data() + port.size(), at_.port);
    at_.host = text_at(reply, 0);
    if (error == std::errc() && !at_.host.empty() && at_.port != 0) return true;
    ret_problem = "was answered " + word_of(reply);
    return false;
}

void SentinelLocator::answer(const std::string &problem) {
    const std::vector<Done> waiting = std::exchange(waiting_, {});
    for (const Done &done : waiting)
        done(problem.empty() ? std::optional(at_) : std::nullopt, problem);
}

// A sentinel that is cut off from the others goes on to name the old master.
void SentinelLocator::moved(const std::string &) {
    inquiry_.distrust();
}

void SentinelLocator::close(std::function<void()> closed) {
    inquiry_.close(std::move(closed));
}

}  // namespace wse::backplane_redis::parts
