// SPDX-License-Identifier: MIT
// RedisClient: one connection to a Redis server, from one libuv loop, which comes back by itself.
// Commands are pipelined. What waits, what is read and the time are bounded.
#pragma once

#include <hiredis/async.h>
#include <uv.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "redis_client/poll.h"
#include "redis_client/url.h"

namespace wse::redis {

struct Limits {
    uint64_t reply_bytes = 256 * 1024;  // of one reply; a larger one ends the connection
    uint32_t commands = 1024;           // that are not answered
    uint64_t wait_ms = 300;             // of a command for a connection, while there is none
    uint64_t connect_ms = 2000;
    uint64_t first_delay_ms =
        100;  // before connecting again; doubled each time, less a random part
    uint64_t last_delay_ms = 5000;
    uint64_t silence_ms =
        10'000;  // with commands under way, after which the connection is given up
};

enum class Failure { kNone, kUnavailable, kTimeout, kTooBig, kCanceled };

// Told on the loop.
struct Events {
    std::function<void()> connected;
    // Once for a server that goes away, or cannot be reached, however often that is tried. One
    // sentence without a secret.
    std::function<void(const std::string &problem)> lost;
    // A reply to subscribe(): of three texts that the server has taken it, of four a message.
    std::function<void(const redisReply &)> heard = nullptr;
};

// One loop, from which everything is called.
class RedisClient final : private PollOwner {
public:
    // The reply is valid during the call, and null unless kNone; it may be an error of the server.
    using Done = std::function<void(Failure, const redisReply *)>;

    // Connects from now on.
    RedisClient(uv_loop_t *loop, Url url, Limits limits, Events events);
    // After `closed` of close().
    ~RedisClient();
    RedisClient(const RedisClient &) = delete;
    RedisClient &operator=(const RedisClient &) = delete;

    // A command that changes nothing, for it may be sent twice when the connection is lost. `done`
    // is called once, later, and throws nothing. 0: too many are under way already, and `done` is
    // not called; nor is it when there is no memory (std::bad_alloc).
    uint64_t send(std::vector<std::string> command, uint64_t timeout_ms, Done done);
    // `done` is not called any more. Unknown ids do nothing.
    void cancel(uint64_t id);
    // PSUBSCRIBE, to be asked for in `connected`, and again after each; a connection that listens
    // takes no commands. The same pattern once more is answered and changes nothing, which tells
    // whether the server is there. Nothing without a connection.
    void subscribe(const std::string &pattern);
    // Gives up the connection, if there is one, as if it were lost.
    void reconnect();
    // Ends all commands as canceled. `closed` is called when the loop has no handle of ours, not in
    // this call.
    void close(std::function<void()> closed);

private:
    struct Call {
        std::vector<std::string> command;
        uint64_t deadline = 0;  // of the loop's clock
        uint64_t wait_until = 0;
        bool sent = false;
        bool repeated = false;
        Done done;
    };
    using Command = std::vector<std::string>;

    void connect();
    void resolved(int status, const addrinfo *found);
    void attach(redisAsyncContext *context);
    const sockaddr *address_of(const addrinfo *found);
    void greet();
    void greeted(const redisReply *reply);
    void issue(const Command &command, redisCallbackFn *callback);
    template <class Step>
    void guard(Step step) noexcept;
    void transmit(uint64_t id, Call &call);
    void answered(const redisReply *reply);
    void on_lost(const redisAsyncContext &context, bool too_big) override;
    void on_closed() override;
    void fail_sent(bool too_big);
    void retry_later(const std::string &problem);
    void give_up();
    void finish(uint64_t id, Failure failure, const redisReply *reply);
    void arm();
    void on_timer();
    void expire(uint64_t now);
    void check_closed();

    uv_loop_t *const loop_;
    const Url url_;
    const Limits limits_;
    const Events events_;
    uv_getaddrinfo_t resolver_{};
    redisAsyncContext *context_ = nullptr;  // hiredis frees it
    std::deque<Command> greeting_;          // what is still to be answered before anything else
    std::string refusal_;                   // of the greeting: a word
    bool up_ = false;
    size_t lookups_ = 0;  // of the name
    bool resolving_ = false;
    bool told_ = false;  // of the loss
    bool closing_ = false;
    uint32_t polls_ = 0;       // with a handle
    uint64_t connect_at_ = 0;  // 0: no attempt is due
    uint64_t connect_by_ = 0;  // 0: none is under way
    uint64_t heard_at_ = 0;
    uint32_t attempts_ = 0;
    std::minstd_rand random_;
    std::map<uint64_t, Call> calls_;
    std::deque<uint64_t> sent_;  // ids in the order of the replies; some may be gone
    uint64_t last_id_ = 0;
    std::function<void()> closed_;
    uv_timer_t *timer_;  // the last member that is made; owns itself once it is being closed
};

}  // namespace wse::redis
