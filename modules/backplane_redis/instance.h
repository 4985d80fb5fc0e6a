// SPDX-License-Identifier: MIT
// An instance of backplane_redis: what joins the shards, and everything beside them.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "announcements.h"
#include "around.h"
#include "locator.h"
#include "shard.h"

namespace wse::backplane_redis {

class Instance {
public:
    Instance(const wse_host *host, const Config &config);

    std::string load();                 // [main]
    std::string start(wse_loop *loop);  // [loop], as all that follows
    // What can be told within a second is told yet.
    void stop(wse_loop *loop, wse_stop_token *token);
    int32_t submit(const wse_message &message, const wse_topic_use &use, wse_submit_token *token);
    void cancel(wse_submit_token *token);
    int32_t follow(const wse_topic_use &use);
    void unfollow(std::string_view name);
    int32_t set_fact(const wse_fact &fact);
    int32_t broadcast(std::string_view data);
    int32_t command(std::string_view request, wse_command_token *token);

private:
    struct Pattern {
        std::set<uint32_t> attached;  // shards
    };

    Shard &shard(uint32_t index);
    Shard &shard_of(std::string_view topic);
    void begin();
    void start_main_link();
    void compare();
    void take_agreed(const redisReply &shards, const redisReply &key);
    void join();
    void check_ready();
    int32_t pattern_attached(uint32_t shard, const std::string &name);
    void end_host(const std::string &host);
    void settle_hosts();
    void renew_facts();
    void wake(uint64_t ms);
    void tick();
    std::string problem() const;
    void tell_health();
    std::string status() const;
    void ping();
    bool is_working() const;
    void close_parts();

    Context context_;
    Budget budget_;
    std::unique_ptr<Locator> locator_;
    std::unique_ptr<Link> link_;  // for what belongs to no shard
    std::unique_ptr<Announcements> announcements_;
    std::unique_ptr<Around> around_;
    std::set<std::string> ending_;                // hosts that are gone
    std::vector<std::unique_ptr<Shard>> shards_;  // null: not needed so far
    std::map<std::string, Pattern> patterns_;
    bool is_compared_ = false;  // with the other hosts: the number of shards, and the key
    std::string mismatch_;
    bool is_told_ = false;  // how the health is
    std::string health_;
    uv_timer_t *timer_ = nullptr;
    uint64_t tick_at_ = 0;
    bool is_ticking_ = false;
    uint64_t ping_at_ = 0;
    wse_stop_token *stop_ = nullptr;
    uint64_t stop_by_ = 0;
    size_t closing_ = 0;  // parts that are being closed
};

}  // namespace wse::backplane_redis
