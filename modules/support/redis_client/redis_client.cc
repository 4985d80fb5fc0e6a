// SPDX-License-Identifier: MIT
#include "redis_client/redis_client.h"

#include <algorithm>
#include <new>
#include <utility>

namespace wse::redis {
namespace {

RedisClient &client_of(const redisAsyncContext *context) {
    return *static_cast<RedisClient *>(context->data);
}

// "WRONGPASS", "LOADING": the word that names an error. The rest may repeat what was sent.
std::string first_word(const redisReply &reply) {
    const std::string_view text(reply.str, reply.len);
    return std::string(text.substr(0, std::min(text.find(' '), size_t{32})));
}

}  // namespace

RedisClient::RedisClient(uv_loop_t *loop, Url url, Limits limits, Events events)
    : loop_(loop),
      url_(std::move(url)),
      limits_(limits),
      events_(std::move(events)),
      random_(static_cast<std::minstd_rand::result_type>(uv_hrtime())),
      timer_(new uv_timer_t) {
    uv_timer_init(loop, timer_);
    timer_->data = this;
    connect_at_ = uv_now(loop_);
    arm();
}

RedisClient::~RedisClient() = default;

// No exception passes through hiredis or libuv. A connection of which it is not known what was done
// is given up; the next one begins anew.
template <class Step>
void RedisClient::guard(Step step) noexcept {
    try {
        step();
    } catch (const std::bad_alloc &) {
        if (context_)
            redisAsyncFree(context_);
        else if (!closing_ && !resolving_ && connect_at_ == 0)
            connect_at_ = uv_now(loop_) + limits_.last_delay_ms;
    }
}

void RedisClient::connect() {
    connect_at_ = 0;
    refusal_.clear();
    connect_by_ = uv_now(loop_) + limits_.connect_ms;
    if (!url_.path.empty()) return attach(redisAsyncConnectUnix(url_.path.c_str()));
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    resolver_.data = this;
    // hiredis would look the name up itself, and the loop would wait for it.
    resolving_ = uv_getaddrinfo(
                     loop_, &resolver_,
                     [](uv_getaddrinfo_t *resolver, int status, addrinfo *found) noexcept {
                         auto *self = static_cast<RedisClient *>(resolver->data);
                         self->guard([&] { self->resolved(status, found); });
                         uv_freeaddrinfo(found);
                     },
                     url_.host.c_str(), nullptr, &hints) == 0;
    if (!resolving_) retry_later("the name cannot be looked up");
}

// Another one of the name's addresses each time: the first may be one where nobody listens.
const sockaddr *RedisClient::address_of(const addrinfo *found) {
    size_t count = 1;
    for (const addrinfo *each = found->ai_next; each; each = each->ai_next) ++count;
    for (size_t skipped = lookups_++ % count; skipped > 0; --skipped) found = found->ai_next;
    return found->ai_addr;
}

void RedisClient::resolved(int status, const addrinfo *found) {
    resolving_ = false;
    if (closing_) return check_closed();
    char address[64] = "";
    if (status == 0) status = uv_ip_name(address_of(found), address, sizeof address);
    if (status != 0) return retry_later(std::string("the name: ") + uv_strerror(status));
    attach(redisAsyncConnect(address, url_.port));
}

void RedisClient::attach(redisAsyncContext *context) {
    if (!context) return retry_later("out of memory");
    if (context->err || !Poll::attach(*context, loop_, limits_.reply_bytes, *this)) {
        const auto free_context = [](redisAsyncContext *it) { redisAsyncFree(it); };
        const std::unique_ptr<redisAsyncContext, decltype(free_context)> gone(context,
                                                                              free_context);
        return retry_later(context->err ? context->errstr : "no handle");
    }
    ++polls_;
    context_ = context;
    context_->data = this;
    redisAsyncSetConnectCallback(context_, [](const redisAsyncContext *it, int status) {
        RedisClient &self = client_of(it);
        if (status == REDIS_OK) self.guard([&] { self.greet(); });
    });
    arm();
}

// AUTH and SELECT where they are wanted, and a PING, which finds out whether the server serves.
void RedisClient::greet() {
    greeting_.clear();
    if (!url_.password.empty()) {
        Command auth = {"AUTH"};
        if (!url_.user.empty()) auth.push_back(url_.user);
        auth.push_back(url_.password);
        greeting_.push_back(std::move(auth));
    }
    if (url_.database != 0) greeting_.push_back({"SELECT", std::to_string(url_.database)});
    greeting_.push_back({"PING"});
    for (const Command &command : greeting_) {
        issue(command, [](redisAsyncContext *it, void *reply, void *) {
            RedisClient &self = client_of(it);
            if (reply) self.guard([&] { self.greeted(static_cast<const redisReply *>(reply)); });
        });
    }
}

void RedisClient::greeted(const redisReply *reply) {
    const Command command = std::move(greeting_.front());
    greeting_.pop_front();
    if (reply->type == REDIS_REPLY_ERROR && refusal_.empty())
        refusal_ = command.front() + " was answered " + first_word(*reply);
    if (!refusal_.empty()) return redisAsyncFree(context_);
    if (!greeting_.empty()) return;
    up_ = true;
    told_ = false;
    attempts_ = 0;
    connect_by_ = 0;
    heard_at_ = uv_now(loop_);
    events_.connected();
    for (auto &[id, call] : calls_) transmit(id, call);
    arm();
}

void RedisClient::issue(const Command &command, redisCallbackFn *callback) {
    std::vector<const char *> texts;
    std::vector<size_t> lengths;
    for (const std::string &text : command) {
        texts.push_back(text.data());
        lengths.push_back(text.size());
    }
    if (redisAsyncCommandArgv(context_, callback, nullptr, static_cast<int>(texts.size()),
                              texts.data(), lengths.data()) != REDIS_OK)
        throw std::bad_alloc();
}

void RedisClient::transmit(uint64_t id, Call &call) {
    if (call.sent) return;
    if (sent_.empty()) heard_at_ = uv_now(loop_);
    sent_.push_back(id);
    call.sent = true;
    try {
        issue(call.command, [](redisAsyncContext *it, void *reply, void *) {
            RedisClient &self = client_of(it);
            if (reply) self.guard([&] { self.answered(static_cast<const redisReply *>(reply)); });
        });
    } catch (const std::bad_alloc &) {
        sent_.pop_back();
        call.sent = false;
        throw;
    }
}

uint64_t RedisClient::send(Command command, uint64_t timeout_ms, Done done) {
    if (closing_ || std::max(calls_.size(), sent_.size()) >= limits_.commands) return 0;
    const uint64_t now = uv_now(loop_);
    const uint64_t id = ++last_id_;
    Call &call = calls_[id];
    call.command = std::move(command);
    call.deadline = now + timeout_ms;
    call.wait_until = now + limits_.wait_ms;
    call.done = std::move(done);
    try {
        if (up_) transmit(id, call);
    } catch (const std::bad_alloc &) {
        calls_.erase(id);
        throw;
    }
    arm();
    return id;
}

void RedisClient::answered(const redisReply *reply) {
    const uint64_t id = sent_.front();
    sent_.pop_front();
    heard_at_ = uv_now(loop_);
    finish(id, Failure::kNone, reply);
    arm();
}

void RedisClient::finish(uint64_t id, Failure failure, const redisReply *reply) {
    const auto at = calls_.find(id);
    if (at == calls_.end()) return;
    const Done done = std::move(at->second.done);
    calls_.erase(at);
    done(failure, reply);
}

void RedisClient::cancel(uint64_t id) {
    calls_.erase(id);
    arm();
}

void RedisClient::on_lost(const redisAsyncContext &context, bool too_big) {
    context_ = nullptr;
    up_ = false;
    connect_by_ = 0;
    if (closing_) return;
    guard([&] {
        fail_sent(too_big);
        if (closing_) return;
        retry_later(too_big             ? "a reply was over the limit"
                    : !refusal_.empty() ? refusal_
                    : context.err       ? context.errstr
                                        : "no answer in time");
    });
    // A large reply is no reason to wait, but the connection must be a new one.
    if (too_big) connect_at_ = uv_now(loop_);
    arm();
}

// The first one of those under way is the one whose reply is too large. The others are asked again,
// but once.
void RedisClient::fail_sent(bool too_big) {
    const std::deque<uint64_t> ids = std::exchange(sent_, {});
    std::vector<std::pair<uint64_t, Failure>> failed;
    for (const uint64_t id : ids) {
        const auto at = calls_.find(id);
        if (at == calls_.end()) continue;
        Call &call = at->second;
        const bool is_first = id == ids.front();
        if ((too_big && is_first) || call.repeated) {
            failed.emplace_back(id, too_big && is_first ? Failure::kTooBig : Failure::kUnavailable);
            continue;
        }
        call.sent = false;
        call.repeated = true;
        call.wait_until = too_big ? call.deadline : uv_now(loop_) + limits_.wait_ms;
    }
    for (const auto &[id, failure] : failed) finish(id, failure, nullptr);
}

void RedisClient::retry_later(const std::string &problem) {
    connect_by_ = 0;
    const uint64_t whole =
        std::min(limits_.first_delay_ms << std::min(attempts_, 16u), limits_.last_delay_ms);
    ++attempts_;
    // Many servers that lost the same Redis do not come back in one moment.
    connect_at_ = uv_now(loop_) + whole / 2 + random_() % (whole / 2 + 1);
    if (!std::exchange(told_, true)) events_.lost(problem);
    arm();
}

void RedisClient::give_up() {
    if (context_) return redisAsyncFree(context_);
    if (resolving_) {
        uv_cancel(reinterpret_cast<uv_req_t *>(&resolver_));
        connect_by_ = 0;  // a look-up that cannot be canceled is waited for
    }
}

void RedisClient::arm() {
    if (closing_) return;
    uint64_t next = UINT64_MAX;
    if (connect_at_ != 0) next = std::min(next, connect_at_);
    if (connect_by_ != 0) next = std::min(next, connect_by_);
    if (up_ && !sent_.empty()) next = std::min(next, heard_at_ + limits_.silence_ms);
    for (const auto &each : calls_) {
        const Call &call = each.second;
        next = std::min(next, call.sent ? call.deadline : std::min(call.deadline, call.wait_until));
    }
    if (next == UINT64_MAX) {
        uv_timer_stop(timer_);
        return;
    }
    const uint64_t now = uv_now(loop_);
    uv_timer_start(
        timer_,
        [](uv_timer_t *timer) noexcept {
            auto *self = static_cast<RedisClient *>(timer->data);
            self->guard([&] { self->on_timer(); });
            self->arm();
        },
        next > now ? next - now : 0, 0);
}

void RedisClient::on_timer() {
    const uint64_t now = uv_now(loop_);
    expire(now);
    if (closing_) return;
    const bool silent = up_ && !sent_.empty() && now >= heard_at_ + limits_.silence_ms;
    if (silent || (connect_by_ != 0 && now >= connect_by_)) give_up();
    if (connect_at_ != 0 && now >= connect_at_) connect();
    arm();
}

void RedisClient::subscribe(const std::string &pattern) {
    if (!up_) return;
    issue({"PSUBSCRIBE", pattern}, [](redisAsyncContext *it, void *reply, void *) {
        RedisClient &self = client_of(it);
        if (reply && !self.closing_)
            self.guard([&] { self.events_.heard(*static_cast<const redisReply *>(reply)); });
    });
}

void RedisClient::reconnect() {
    if (context_) redisAsyncFree(context_);
}

void RedisClient::expire(uint64_t now) {
    std::vector<std::pair<uint64_t, Failure>> overdue;
    for (const auto &[id, call] : calls_) {
        if (call.deadline <= now)
            overdue.emplace_back(id, call.sent ? Failure::kTimeout : Failure::kUnavailable);
        else if (!call.sent && call.wait_until <= now)
            overdue.emplace_back(id, Failure::kUnavailable);
    }
    for (const auto &[id, failure] : overdue) finish(id, failure, nullptr);
}

void RedisClient::close(std::function<void()> closed) {
    closing_ = true;
    closed_ = std::move(closed);
    sent_.clear();
    const auto calls = std::exchange(calls_, {});
    for (const auto &each : calls) each.second.done(Failure::kCanceled, nullptr);
    give_up();
    uv_close(reinterpret_cast<uv_handle_t *>(timer_), [](uv_handle_t *handle) noexcept {
        auto *self = static_cast<RedisClient *>(handle->data);
        delete reinterpret_cast<uv_timer_t *>(handle);
        self->timer_ = nullptr;
        self->check_closed();
    });
}

void RedisClient::on_closed() {
    --polls_;
    check_closed();
}

void RedisClient::check_closed() {
    if (!closing_ || timer_ || polls_ > 0 || resolving_) return;
    // `closed` may destroy this client: nothing is touched after it.
    if (closed_) std::exchange(closed_, nullptr)();
}

}  // namespace wse::redis
