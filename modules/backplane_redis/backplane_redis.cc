// SPDX-License-Identifier: MIT
// backplane_redis: many hosts as one. Redis gives messages of shared topics their places.
#include <wse/module.h>

#include "abi/module_class.h"
#include "instance.h"
#include "options.h"

namespace wse::backplane_redis {
namespace {

constexpr int64_t kSecond = 1000;
constexpr int64_t kDay = 24 * 60 * 60 * kSecond;

const wse_option kOptions[] = {
    {"url", WSE_OPT_STRING, WSE_OPT_F_SECRET, offsetof(Config, url), 0, 0, nullptr, nullptr,
     "REDIS_URL",
     "redis://[[user]:password@]host[:port][/database] or unix:///path; else redis://localhost"},
    {"prefix", WSE_OPT_STRING, 0, offsetof(Config, prefix), 0, 0, "wse", nullptr, nullptr,
     "what all keys and channels begin with; hosts with the same one are joined"},
    {"shards", WSE_OPT_INT, 0, offsetof(Config, shards), 1, 256, "16", nullptr, nullptr,
     "streams that the topics are spread over; the same on all hosts"},
    {"stream_length", WSE_OPT_INT, 0, offsetof(Config, stream_length), 100, 100'000'000, "100000",
     nullptr, nullptr, "entries that Redis keeps of a shard, for hosts that lag"},
    {"stream_age", WSE_OPT_DURATION, 0, offsetof(Config, stream_age_ms), 0, 30 * kDay, "1h",
     nullptr, nullptr, "and how long it keeps them; 0: as long as there is room"},
    {"topic_age", WSE_OPT_DURATION, 0, offsetof(Config, topic_age_ms), 60 * kSecond, 365 * kDay,
     "7d", nullptr, nullptr, "how long the place of a topic is known after its last message"},
    {"dedup_age", WSE_OPT_DURATION, 0, offsetof(Config, dedup_age_ms), kSecond, 7 * kDay, "10m",
     nullptr, nullptr, "how long a message is not published again under the same id"},
    {"queue_messages", WSE_OPT_INT, 0, offsetof(Config, queue_messages), 1, 10'000'000, "10000",
     nullptr, nullptr, "messages that wait for Redis; more are refused"},
    {"queue_bytes", WSE_OPT_SIZE, 0, offsetof(Config, queue_bytes), 1024, int64_t{1} << 40, "64m",
     nullptr, nullptr, "and how large they are together"},
    {"queue_age", WSE_OPT_DURATION, 0, offsetof(Config, queue_age_ms), 10, 600 * kSecond, "30s",
     nullptr, nullptr, "how long a message waits before it is refused"},
    {"lease", WSE_OPT_DURATION, 0, offsetof(Config, lease_ms), kSecond, 600 * kSecond, "10s",
     nullptr, nullptr, "how long the others wait for a host that says nothing"},
    {"vote_grace", WSE_OPT_DURATION, 0, offsetof(Config, vote_grace_ms), 0, 60 * kSecond, "2s",
     nullptr, nullptr, "how long to wait for the word of the others on what Redis has lost"},
    {"canary", WSE_OPT_DURATION, 0, offsetof(Config, canary_ms), 50, 600 * kSecond, "5s", nullptr,
     nullptr, "how often each shard is tried from end to end"},
    {"sentinels", WSE_OPT_STRINGS, WSE_OPT_F_SECRET, offsetof(Config, parts.sentinels), 0, 0,
     nullptr, nullptr, nullptr,
     "host:port of each Redis Sentinel, which says where the master is; user and password from "
     "url"},
    {"master", WSE_OPT_STRING, 0, offsetof(Config, parts.master), 0, 0, nullptr, nullptr, nullptr,
     "what the sentinels call the master"},
    {"cluster", WSE_OPT_STRINGS, WSE_OPT_F_SECRET, offsetof(Config, parts.cluster), 0, 0, nullptr,
     nullptr, nullptr, "host:port of some nodes of a Redis Cluster; user and password from url"},
    {"fernet_key", WSE_OPT_STRING, WSE_OPT_F_SECRET, offsetof(Config, parts.fernet_key), 0, 0,
     nullptr, nullptr, "FERNET_KEY",
     "seals payloads in Redis: 32 bytes in base64url, the same on all hosts"},
    {nullptr, 0, 0, 0, 0, 0, nullptr, nullptr, nullptr, nullptr},
};

int32_t check(const void *config, wse_error *error) noexcept {
    return abi::guarded(
        [&] { return abi::report(option_problem(*static_cast<const Config *>(config)), error); });
}

Instance &instance_of(void *self) {
    return *static_cast<Instance *>(self);
}

int32_t submit(void *self, wse_loop *, const wse_message *message, const wse_topic_use *use,
               wse_submit_token *token) noexcept {
    return abi::guarded([&] { return instance_of(self).submit(*message, *use, token); });
}

void cancel(void *self, wse_loop *, wse_submit_token *token) noexcept {
    instance_of(self).cancel(token);
}

int32_t follow(void *self, wse_loop *, const wse_topic_use *use) noexcept {
    return abi::guarded([&] { return instance_of(self).follow(*use); });
}

void unfollow(void *self, wse_loop *, wse_bytes topic) noexcept {
    abi::guarded([&] { return instance_of(self).unfollow(abi::text_of(topic)), WSE_OK; });
}

int32_t set_fact(void *self, wse_loop *, const wse_fact *fact) noexcept {
    return abi::guarded([&] { return instance_of(self).set_fact(*fact); });
}

int32_t broadcast(void *self, wse_loop *, wse_bytes data) noexcept {
    return abi::guarded([&] { return instance_of(self).broadcast(abi::text_of(data)); });
}

int32_t command(void *self, wse_loop *, wse_bytes request, wse_command_token *token) noexcept {
    return abi::guarded([&] { return instance_of(self).command(abi::text_of(request), token); });
}

const wse_backplane_ops kOps = {sizeof kOps, 0,        submit,    cancel, follow,
                                unfollow,    set_fact, broadcast, command};

using Class = abi::Lifecycle<Instance, Config>;

}  // namespace
}  // namespace wse::backplane_redis

const wse_module_def wse_module = {
    WSE_MODULE(WSE_KIND_BACKPLANE, 0),
    "backplane_redis",
    "1.0",
    wse::backplane_redis::kOptions,
    sizeof(wse_option),
    sizeof(wse::backplane_redis::Config),
    &wse::backplane_redis::kOps,
    wse::backplane_redis::check,
    wse::backplane_redis::Class::create,
    wse::backplane_redis::Class::start,
    wse::backplane_redis::Class::stop,
    wse::backplane_redis::Class::destroy,
};
