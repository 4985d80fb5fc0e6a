// SPDX-License-Identifier: MIT
#include "link.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "abi/module_class.h"

namespace wse::backplane_redis {
namespace {

constexpr uint64_t kFirstDelayMs = 100;
constexpr uint64_t kLastDelayMs = 2000;  // so that messages flow soon after Redis is back
constexpr uint64_t kSilenceMs = 2000;    // with a command under way; a reader's takes one second
constexpr uint64_t kLookAgainMs = 1000;

bool is_same(const redis::Url &a, const redis::Url &b) {
    return a.host == b.host && a.port == b.port && a.path == b.path && a.user == b.user &&
           a.password == b.password && a.database == b.database;
}

std::string run_id_of(std::string_view info) {
    static constexpr std::string_view kName = "run_id:";
    const size_t at = info.find(kName);
    if (at == std::string_view::npos) return "";
    info.remove_prefix(at + kName.size());
    return std::string(info.substr(0, info.find_first_of("\r\n")));
}

}  // namespace

Link::Link(const Context &context, std::string key, uint64_t reply_bytes, LinkEvents events)
    : context_(context),
      key_(std::move(key)),
      reply_bytes_(reply_bytes),
      events_(std::move(events)),
      self_(std::make_shared<Link *>(this)),
      random_(static_cast<std::minstd_rand::result_type>(uv_hrtime())),
      timer_(context_.uv, [this] { retry(); }) {
    retry_in(0);
}

Link::~Link() = default;

void Link::locate() {
    state_ = State::kTrying;
    context_.locator->locate(
        key_, [self = self_](const std::optional<redis::Url> &at, const std::string &problem) {
            if (!*self) return;
            Link &link = **self;
            const auto located = [&] { return link.located(at, problem), WSE_OK; };
            if (abi::guarded(located) != WSE_OK) link.retry_in(kLookAgainMs);
        });
}

void Link::located(const std::optional<redis::Url> &at, const std::string &problem) {
    if (is_up()) return;
    if (!at) {
        go_down(problem);
        return retry_in(kLookAgainMs);
    }
    // The client comes back by itself while the server stays where it is.
    if (!client_ || wrong_ || !is_same(*url_, *at)) connect(*at);
    retry_in(kLookAgainMs);
}

void Link::connect(const redis::Url &at) {
    drop_client();
    wrong_ = false;
    url_ = std::make_unique<redis::Url>(at);
    address_ = at.shown();
    redis::Limits limits;
    limits.reply_bytes = reply_bytes_;
    limits.wait_ms = 1;
    limits.silence_ms = kSilenceMs;
    limits.first_delay_ms = kFirstDelayMs;
    limits.last_delay_ms = kLastDelayMs;
    redis::Events events;
    events.connected = [this] { greet(); };
    events.lost = [this](const std::string &problem) {
        go_down(problem);
        retry_in(0);
    };
    client_ = std::make_unique<redis::RedisClient>(context_.uv, at, limits, std::move(events));
}

void Link::drop_client() {
    if (!client_) return;
    redis::RedisClient *const client = client_.get();
    leaving_.push_back(std::move(client_));
    client->close([this, client] {
        const auto at = std::find_if(leaving_.begin(), leaving_.end(),
                                     [&](const auto &each) { return each.get() == client; });
        leaving_.erase(at);
        check_closed();
    });
}

// A replica answers, too, and a server that has just been demoted; only a master may be written to.
void Link::greet() {
    state_ = State::kTrying;
    run_id_.clear();
    const auto then = [this](void (Link::*take)(const redisReply &)) {
        return [this, take](redis::Failure failure, const redisReply *reply) {
            if (failure == redis::Failure::kNone && !closing_) (this->*take)(*reply);
        };
    };
    client_->send({"ROLE"}, kNoLimit, then(&Link::take_role));
    // So that a later EVALSHA is known; one that is not says that they were flushed meanwhile.
    for (const Script *script : all_scripts()) {
        client_->send({"SCRIPT", "LOAD", script->text}, kNoLimit, then(&Link::take_loaded));
    }
    client_->send({"INFO", "server"}, kNoLimit, then(&Link::take_info));
}

// Who may not ask for the role finds it out by the first write.
void Link::take_role(const redisReply &reply) {
    const std::string_view role = element_text(reply, 0);
    if (!role.empty() && role != "master") suspect("is no master");
}

void Link::take_loaded(const redisReply &reply) {
    if (reply.type == REDIS_REPLY_ERROR) suspect("SCRIPT LOAD was answered " + error_of(reply));
}

void Link::take_info(const redisReply &reply) {
    if (wrong_) return;
    run_id_ = run_id_of(text_of(reply));
    if (run_id_.empty())
        return suspect(reply.type == REDIS_REPLY_ERROR ? "INFO was answered " + error_of(reply)
                                                       : "INFO has no run_id");
    state_ = State::kUp;
    attempts_ = 0;
    told_ = false;
    problem_.clear();
    timer_.stop();
    if (std::exchange(was_up_, true)) context_.count(kReconnects);
    events_.up(run_id_);
}

bool Link::send(std::vector<std::string> command, Done done) {
    return is_up() && client_->send(std::move(command), kNoLimit, std::move(done)) != 0;
}

void Link::suspect(const std::string &problem) {
    if (closing_ || wrong_) return;
    wrong_ = true;
    go_down(problem);
    const uint64_t whole = std::min(kFirstDelayMs << std::min(attempts_, 16u), kLastDelayMs);
    ++attempts_;
    retry_in(whole / 2 + random_() % (whole / 2 + 1));
}

void Link::go_down(const std::string &problem) {
    state_ = State::kWaiting;
    problem_ = problem;
    if (std::exchange(told_, true)) return;
    context_.count(kBreakersOpened);
    events_.down(problem);
}

// A client is dropped here and nowhere else, as it may be in the middle of a call to us.
void Link::retry() {
    if (is_up()) return;
    // What another link has found out is good for this one, too, until it has been tried.
    if (!problem_.empty()) context_.locator->moved(key_);
    if (wrong_) drop_client();
    locate();
}

void Link::retry_in(uint64_t ms) {
    if (!closing_) timer_.start(ms);
}

const char *Link::breaker() const {
    return state_ == State::kUp ? "closed" : state_ == State::kWaiting ? "open" : "half-open";
}

void Link::close(std::function<void()> closed) {
    closing_ = true;
    closed_ = std::move(closed);
    *self_ = nullptr;
    state_ = State::kWaiting;
    drop_client();
    timer_.close([this] {
        timer_is_open_ = false;
        check_closed();
    });
}

void Link::check_closed() {
    // `closed` may destroy this link: nothing is touched after it.
    if (closing_ && !timer_is_open_ && leaving_.empty()) std::exchange(closed_, nullptr)();
}

}  // namespace wse::backplane_redis
