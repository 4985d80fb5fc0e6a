// SPDX-License-Identifier: MIT
#include "inquiry.h"

#include <utility>

namespace wse::backplane_redis::parts {
namespace {

constexpr uint64_t kPatience = 1000;  // milliseconds for one server
constexpr uint64_t kReplyBytes = 1 << 20;

}  // namespace

Inquiry::Inquiry(uv_loop_t *loop, std::vector<redis::Url> servers)
    : loop_(loop), given_(servers.size()), servers_(std::move(servers)), later_(loop) {}

void Inquiry::add(const std::vector<redis::Url> &servers) {
    servers_.resize(given_);
    servers_.insert(servers_.end(), servers.begin(), servers.end());
    first_ %= servers_.size();
}

void Inquiry::ask(std::vector<std::string> command, Understand understand, Done done) {
    command_ = std::move(command);
    understand_ = std::move(understand);
    done_ = std::move(done);
    tries_ = 0;
    if (std::exchange(distrusted_, false)) first_ = (first_ + 1) % servers_.size();
    try_next();
}

void Inquiry::try_next() {
    tried_ = false;
    const redis::Url &server = servers_[first_];
    redis::Limits limits;
    limits.reply_bytes = kReplyBytes;
    limits.connect_ms = kPatience;
    limits.wait_ms = kPatience;
    redis::Events events;
    events.connected = [] {};
    // The client would go on trying, which is not wanted while there are others.
    events.lost = [this](const std::string &problem) { tried(false, problem); };
    client_ = std::make_unique<redis::RedisClient>(loop_, server, limits, std::move(events));
    client_->send(command_, kPatience, [this](redis::Failure failure, const redisReply *reply) {
        std::string problem = "no answer in time";
        const bool understood = failure == redis::Failure::kNone && !tried_ &&
                                understand_(*reply, servers_[first_], problem);
        tried(understood, std::move(problem));
    });
}

// Only the first word about a server counts: its client tells of its own end as well.
void Inquiry::tried(bool understood, std::string problem) {
    if (std::exchange(tried_, true)) return;
    problem = servers_[first_].shown() + ": " + problem;
    client_->close([this, understood, problem] {
        client_.reset();
        if (!done_) return check_closed();
        if (understood) return finish("");
        first_ = (first_ + 1) % servers_.size();
        if (++tries_ == servers_.size()) return finish(problem);
        try_next();
    });
}

void Inquiry::finish(const std::string &problem) {
    std::exchange(done_, nullptr)(problem);
}

void Inquiry::close(std::function<void()> closed) {
    closed_ = std::move(closed);
    done_ = nullptr;
    if (client_) tried(false, "");
    later_.close([this] {
        later_open_ = false;
        check_closed();
    });
}

// `closed` may destroy this: nothing is touched after it.
void Inquiry::check_closed() {
    if (closed_ && !client_ && !later_open_) std::exchange(closed_, nullptr)();
}

}  // namespace wse::backplane_redis::parts
