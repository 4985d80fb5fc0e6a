// SPDX-License-Identifier: MIT
#include "instance.h"

#include <algorithm>
#include <utility>

#include "abi/module_class.h"
#include "ids.h"
#include "json_text/json_text.h"

namespace wse::backplane_redis {
namespace {

constexpr uint64_t kReplyBytes = 1024 * 1024;
constexpr uint64_t kRestMs = 250;
constexpr uint64_t kPingMs = 1000;
constexpr uint64_t kFarewellMs = 1000;
constexpr uint64_t kFarewellTickMs = 5;
constexpr size_t kPrefixBytes = 64;
constexpr std::string_view kPlain = "plain";

// What is compared of the key.
std::string key_of(const Config &config) {
    const auto seal = parts::make_seal(config.parts);
    return seal ? seal->fingerprint() : std::string(kPlain);
}

}  // namespace

std::string option_problem(const Config &config) {
    std::string problem;
    if (!redis::parse_url(url_of(config), problem)) return "url: " + problem;
    problem = parts::parts_problem(config.url, config.parts);
    if (!problem.empty()) return problem;
    const std::string_view prefix = config.prefix;
    const bool plain = std::all_of(prefix.begin(), prefix.end(), [](char c) {
        return c > 0x20 && c < 0x7f &&
               std::string_view("{}*?[]\\:").find(c) == std::string_view::npos;
    });
    if (prefix.empty() || prefix.size() > kPrefixBytes || !plain)
        return "prefix: is not 1 to 64 characters without blanks, braces, brackets, ':', '*' and "
               "'?'";
    if (config.dedup_age_ms < config.queue_age_ms) return "dedup_age: is shorter than queue_age";
    return "";
}

Instance::Instance(const wse_host *host, const Config &config)
    : context_{host, config, Names(config.prefix, static_cast<uint32_t>(config.shards)),
               random_host()},
      budget_{static_cast<uint64_t>(config.queue_messages),
              static_cast<uint64_t>(config.queue_bytes)},
      shards_(static_cast<size_t>(config.shards)) {}

std::string Instance::load() {
    std::string problem = option_problem(context_.config);
    if (!problem.empty()) return problem;
    return register_counters(context_);
}

// Only the timer: what is opened here and then fails could not be closed without the loop.
std::string Instance::start(wse_loop *loop) {
    context_.loop = loop;
    context_.uv = static_cast<uv_loop_t *>(context_.host->uv(context_.host, loop));
    context_.wake = [this](uint64_t ms) { wake(ms); };
    timer_ = new uv_timer_t;
    uv_timer_init(context_.uv, timer_);
    timer_->data = this;
    wake(0);
    return "";
}

// Goes on where it was when memory was short.
void Instance::begin() {
    if (!locator_) {
        locator_ = parts::make_locator(
            context_.uv, parts::locator_options(context_.config.url, context_.config.parts));
        context_.locator = locator_.get();
    }
    if (!link_) start_main_link();
    if (!announcements_) announcements_ = std::make_unique<Announcements>(context_, *link_);
    if (around_) return;
    parts::HostsEvents events;
    events.gone = [this](const std::string &host) { end_host(host); };
    events.returned = [this] { renew_facts(); };
    events.changed = [this] { check_ready(); };
    around_ = std::make_unique<Around>(context_, std::move(events));
    join();
}

void Instance::start_main_link() {
    LinkEvents events;
    events.up = [this](const std::string &) {
        context_.log(WSE_LOG_INFO, "redis.connected url=" + link_->address());
        compare();
    };
    events.down = [this](const std::string &problem) {
        context_.log(WSE_LOG_ERROR, "redis.lost url=" + link_->address() +
                                        " effect=\"clustered topics wait\" problem=\"" + problem +
                                        '"');
        tell_health();
    };
    link_ = std::make_unique<Link>(context_, context_.names.shard_count(), kReplyBytes,
                                   std::move(events));
}

// Hosts that do not agree would look for the same topic in different places, or could not read what
// the others publish.
void Instance::compare() {
    const Names &names = context_.names;
    const auto ignore = [](redis::Failure, const redisReply *) {};
    link_->send({"SET", names.shard_count(), std::to_string(names.shards()), "NX"}, ignore);
    link_->send({"SET", names.key_fingerprint(), key_of(context_.config), "NX"}, ignore);
    link_->send({"MGET", names.shard_count(), names.key_fingerprint()},
                [this](redis::Failure failure, const redisReply *reply) {
                    if (failure != redis::Failure::kNone) return;
                    const redisReply *shards = element_of(*reply, 0);
                    const redisReply *key = element_of(*reply, 1);
                    if (shards && key) return take_agreed(*shards, *key);
                    link_->suspect("MGET was answered " + error_of(*reply));
                });
}

void Instance::take_agreed(const redisReply &shards, const redisReply &key) {
    const std::string own_key = key_of(context_.config);
    const std::string own = std::to_string(context_.names.shards());
    const std::string_view theirs = text_of(shards), their_key = text_of(key);
    if (theirs.empty() || their_key.empty()) return link_->suspect("Redis takes no writes");
    mismatch_.clear();
    if (theirs != own)
        mismatch_ =
            "shards: is " + own + ", and the other hosts have " + std::string(theirs.substr(0, 16));
    else if (their_key != own_key)
        mismatch_ = own_key == kPlain     ? "fernet_key: is missing, and the other hosts have one"
                    : their_key == kPlain ? "fernet_key: is set, and the other hosts have none"
                                          : "fernet_key: is not that of the other hosts";
    if (!mismatch_.empty())
        context_.log(WSE_LOG_ERROR, std::string(theirs != own ? "shards" : "key") +
                                        ".refused problem=\"" + mismatch_ + '"');
    is_compared_ = true;
    join();
    check_ready();
}

// Who cannot publish takes nothing in, and cleans up after nobody.
void Instance::join() {
    if (!around_ || !is_compared_) return;
    mismatch_.empty() ? around_->join() : around_->leave();
}

// A host that has no lease yet would leave facts that nobody removes, and does not know whom a vote
// has to wait for.
void Instance::check_ready() {
    const auto &live_hosts = context_.periphery.live_hosts;
    context_.ready = is_compared_ && mismatch_.empty() && live_hosts && !live_hosts().empty();
    for (const auto &each : shards_) {
        if (each) each->writer().proceed();
    }
    tell_health();
}

Shard &Instance::shard(uint32_t index) {
    begin();
    auto &place = shards_[index];
    if (!place)
        place = std::make_unique<Shard>(context_, budget_, index,
                                        [this](uint32_t from, const std::string &name) {
                                            return pattern_attached(from, name);
                                        });
    return *place;
}

Shard &Instance::shard_of(std::string_view topic) {
    return shard(context_.names.shard_of(topic));
}

int32_t Instance::submit(const wse_message &message, const wse_topic_use &use,
                         wse_submit_token *token) {
    if (!timer_) return WSE_ECANCELED;  // all parts are closed, or being closed
    return shard_of(abi::text_of(message.topic)).writer().submit(message, use, token);
}

void Instance::cancel(wse_submit_token *token) {
    for (const auto &each : shards_) {
        if (each) each->writer().cancel(token);
    }
}

int32_t Instance::follow(const wse_topic_use &use) {
    const std::string name(abi::text_of(use.topic));
    if (name.empty()) return WSE_EINVAL;
    if (!is_pattern(name)) {
        shard_of(name).follow(use);
        return WSE_OK;
    }
    patterns_[name] = {};
    for (uint32_t i = 0; i < context_.names.shards(); ++i) shard(i).follow(use);
    return WSE_OK;
}

void Instance::unfollow(std::string_view name) {
    const std::string text(name);
    patterns_.erase(text);
    for (uint32_t i = 0; i < context_.names.shards(); ++i) {
        const bool may_have = is_pattern(name) || i == context_.names.shard_of(name);
        if (may_have && shards_[i]) shards_[i]->unfollow(text);
    }
}

// Told to the server when the last shard is attached, and for every shard that missed something
// later.
int32_t Instance::pattern_attached(uint32_t shard, const std::string &name) {
    const auto at = patterns_.find(name);
    if (at == patterns_.end()) return WSE_OK;
    at->second.attached.insert(shard);
    if (at->second.attached.size() < context_.names.shards()) return WSE_OK;
    wse_followed followed{};
    followed.struct_size = sizeof followed;
    followed.topic = abi::bytes_of(name);
    followed.host = abi::bytes_of(context_.self);
    return context_.host->followed(context_.host, context_.loop, &followed);
}

int32_t Instance::set_fact(const wse_fact &fact) {
    Fact own = {fact.kind, std::string(abi::text_of(fact.topic)),
                std::string(abi::text_of(fact.key)), std::string(abi::text_of(fact.value)), ""};
    if (own.kind == 0 || own.topic.empty() || own.key.empty()) return WSE_EINVAL;
    Shard &shard = shard_of(own.topic);
    return shard.writer().set_fact(std::move(own)) ? WSE_OK : WSE_EAGAIN;
}

int32_t Instance::broadcast(std::string_view data) {
    begin();
    return announcements_->send(data);
}

// What held on another host, whose lease is over.
void Instance::end_host(const std::string &host) {
    for (uint32_t i = 0; i < context_.names.shards(); ++i) shard(i).writer().end_host(host);
    ending_.insert(host);
}

void Instance::settle_hosts() {
    std::erase_if(ending_, [this](const std::string &host) {
        const bool is_over = std::none_of(shards_.begin(), shards_.end(), [&](const auto &each) {
            return each && each->writer().is_ending(host);
        });
        if (is_over) around_->settled(host);
        return is_over;
    });
}

// The others took this host for gone, and it is not.
void Instance::renew_facts() {
    for (const auto &each : shards_) {
        if (each) each->writer().renew_facts();
    }
}

int32_t Instance::command(std::string_view request, wse_command_token *token) {
    std::vector<json_text::Member> members;
    if (!json_text::is_json(request) || !json_text::members_of(request, members)) return WSE_EINVAL;
    std::string name;
    for (const json_text::Member &member : members) {
        if (member.name == "command" && member.value.size() >= 2 && member.value.front() == '"')
            name = json_text::decoded(member.value.substr(1, member.value.size() - 2));
    }
    if (name == "status") {
        const std::string answer = status();
        return context_.host->command_done(context_.host, token, WSE_OK, abi::bytes_of(answer));
    }
    return context_.periphery.command ? context_.periphery.command(name, request, token)
                                      : WSE_ENOTFOUND;
}

std::string Instance::status() const {
    const Periphery &periphery = context_.periphery;
    std::string out = "{\"host\":\"" + context_.self + "\",\"prefix\":";
    json_text::append_string(out, context_.names.prefix());
    out += ",\"hosts\":[";
    const std::vector<std::string> hosts =
        periphery.live_hosts ? periphery.live_hosts() : std::vector<std::string>{context_.self};
    for (size_t i = 0; i < hosts.size(); ++i) {
        if (i > 0) out += ',';
        json_text::append_string(out, hosts[i]);
    }
    out += "],\"ingress\":";
    out += periphery.reads_ingress && periphery.reads_ingress() ? "true" : "false";
    out += ",\"shards\":[";
    bool is_first = true;
    for (const auto &each : shards_) {
        if (!each) continue;
        if (!std::exchange(is_first, false)) out += ',';
        out += each->status();
    }
    return out + "]}";
}

void Instance::wake(uint64_t ms) {
    if (!timer_) return;
    const uint64_t at = uv_now(context_.uv) + ms;
    if (is_ticking_ || (tick_at_ != 0 && tick_at_ <= at)) {
        tick_at_ = std::min(tick_at_, at);
        return;
    }
    tick_at_ = at;
    uv_timer_start(
        timer_,
        [](uv_timer_t *timer) noexcept {
            auto *self = static_cast<Instance *>(timer->data);
            if (abi::guarded([&] { return self->tick(), WSE_OK; }) == WSE_OK) return;
            self->is_ticking_ = false;
            self->tick_at_ = 0;
            self->wake(kRestMs);
        },
        ms, 0);
}

void Instance::tick() {
    begin();
    is_ticking_ = true;
    tick_at_ = UINT64_MAX;  // what is woken meanwhile is earlier
    uint64_t next = kRestMs;
    for (const auto &each : shards_) {
        if (each) next = std::min(next, each->tick());
    }
    announcements_->tick();
    settle_hosts();
    ping();
    tell_health();
    is_ticking_ = false;
    const uint64_t now = uv_now(context_.uv);
    if (stop_) {
        if (now >= stop_by_ || !is_working()) return close_parts();
        next = kFarewellTickMs;
    }
    const uint64_t at = std::min(std::exchange(tick_at_, 0), now + next);
    wake(at > now ? at - now : 0);
}

// A server that is silent is found out by what it does not answer.
void Instance::ping() {
    const uint64_t now = uv_now(context_.uv);
    if (now < ping_at_) return;
    ping_at_ = now + kPingMs;
    link_->send({"PING"}, [this](redis::Failure failure, const redisReply *reply) {
        if (failure == redis::Failure::kNone && is_elsewhere(error_of(*reply)))
            link_->suspect("PING was answered " + error_of(*reply));
    });
}

std::string Instance::problem() const {
    if (!mismatch_.empty()) return mismatch_;
    if (!link_->is_up())
        return link_->problem().empty() ? "is not connected yet" : link_->problem();
    if (!is_compared_) return "is being compared with the other hosts";
    if (!context_.ready) return "has no lease yet";
    for (const auto &each : shards_) {
        std::string problem = each ? each->problem() : "";
        if (!problem.empty()) return problem;
    }
    return "";
}

void Instance::tell_health() {
    if (stop_) return;
    std::string problem = this->problem();
    if (std::exchange(is_told_, true) && problem == health_) return;
    health_ = std::move(problem);
    context_.host->health(context_.host, context_.loop, health_.empty() ? WSE_OK : WSE_EAGAIN,
                          health_.c_str());
}

// Facts above all: that nobody is present here any more.
void Instance::stop(wse_loop *, wse_stop_token *token) {
    stop_ = token;
    stop_by_ = uv_now(context_.uv) + kFarewellMs;
    for (const auto &each : shards_) {
        if (each) each->rest();
    }
    wake(0);
}

bool Instance::is_working() const {
    return std::any_of(shards_.begin(), shards_.end(),
                       [](const auto &each) { return each && each->writer().is_working(); });
}

// The locator goes last: all others use it.
void Instance::close_parts() {
    uv_close(reinterpret_cast<uv_handle_t *>(std::exchange(timer_, nullptr)),
             [](uv_handle_t *handle) noexcept { delete reinterpret_cast<uv_timer_t *>(handle); });
    closing_ = 1;  // this function's own
    const auto closed = [this] {
        if (--closing_ > 0) return;
        const auto done = [this] { context_.host->stop_done(context_.host, stop_); };
        locator_ ? locator_->close(done) : done();
    };
    const auto close = [&](const auto &part) {
        if (!part) return;
        ++closing_;
        part->close(closed);
    };
    for (const auto &each : shards_) close(each);
    close(announcements_);
    close(around_);
    close(link_);
    closed();
}

}  // namespace wse::backplane_redis
