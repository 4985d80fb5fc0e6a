// SPDX-License-Identifier: MIT
// An instance of snapshot_redis: questions on their way to Redis.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <wse/module.h>

#include "options.h"
#include "redis_client/redis_client.h"
#include "reply.h"

namespace wse::snapshot_redis {

// A key with {topic} and {user} in it. Empty and a sentence when it is none.
class KeyPattern {
public:
    static std::string parse(std::string_view text, KeyPattern &ret);
    std::string expand(const wse_snapshot_request &request) const;
    bool has_user() const;

private:
    enum class Part { kText, kTopic, kUser };
    struct Piece {
        Part part;
        std::string text;
    };
    std::vector<Piece> pieces_;
};

class Instance {
public:
    Instance(const wse_host *host, const Config &config);

    std::string load();                                // [main]
    std::string start(wse_loop *loop);                 // [loop], as all that follows
    void stop(wse_loop *loop, wse_stop_token *token);  // ends what is under way as canceled
    int32_t request(const wse_snapshot_request &request, wse_snapshot_token *token);
    void cancel(wse_snapshot_token *token);
    bool per_user() const { return key_.has_user(); }  // [any]

private:
    struct Question {
        std::string key;
        uint64_t deadline = 0;  // of the loop's clock
        uint64_t command = 0;
    };

    // False when too many are under way.
    bool ask_type(wse_snapshot_token *token, Question &question);
    bool ask_value(wse_snapshot_token *token, Question &question, KeyType type);
    bool send(wse_snapshot_token *token, Question &question, std::vector<std::string> command,
              void (Instance::*then)(wse_snapshot_token *, const redisReply &, KeyType),
              KeyType type);
    void take_type(wse_snapshot_token *token, const redisReply &reply, KeyType);
    void take_value(wse_snapshot_token *token, const redisReply &reply, KeyType type);
    void answer_without_memory(wse_snapshot_token *token);
    void lost(wse_snapshot_token *token, redis::Failure failure);
    void refuse(wse_snapshot_token *token, int32_t status, const std::string &problem);

    const wse_host *host_;
    const Config &config_;
    redis::Url url_;
    KeyPattern key_;
    std::unique_ptr<redis::RedisClient> client_;
    uv_loop_t *uv_ = nullptr;
    uint32_t answered_ = 0, missing_ = 0, failed_ = 0, unavailable_ = 0;  // counters
    std::map<wse_snapshot_token *, Question> questions_;
};

// [main] One sentence about the first option that is wrong, or empty. Never a part of the url.
std::string option_problem(const Config &config);

}  // namespace wse::snapshot_redis
