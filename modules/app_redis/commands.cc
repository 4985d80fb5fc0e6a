// SPDX-License-Identifier: MIT
#include "commands.h"

#include <algorithm>
#include <utility>

#include "abi/module_class.h"
#include "app/call.h"
#include "app/members.h"
#include "reply.h"

namespace wse::app_redis {
namespace {

constexpr const char *kConsumer = "wsed";
constexpr uint64_t kBlockMs = 5000;           // of a question for what is new
constexpr uint64_t kPatienceMs = 8000;        // for its answer
constexpr uint64_t kPauseMs = 200;            // after a failure, and while too many are run
constexpr const char *kMaxReplies = "10000";  // results that are kept in a stream, and a few more

// KEYS: the stream. ARGV: the group, the place.
constexpr const char *kRemove = R"lua(
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
return redis.call('XDEL', KEYS[1], ARGV[2])
)lua";

// A question that is sent twice would leave out what the first one was given.
redis::Limits limits() {
    redis::Limits limits;
    limits.reply_bytes = 16 << 20;
    limits.wait_ms = 0;
    return limits;
}

std::string_view field_of(const redisReply &fields, std::string_view name) {
    for (size_t i = 0; i + 1 < fields.elements; i += 2) {
        if (text_of(fields.element[i]) == name) return text_of(fields.element[i + 1]);
    }
    return {};
}

}  // namespace

Commands::Commands(const Context &context, wse_loop *loop, Send send)
    : context_(context),
      loop_(static_cast<uv_loop_t *>(context.host->uv(context.host, loop))),
      send_(std::move(send)),
      count_(static_cast<uint64_t>(context.config.max_commands)),
      calls_(context.host, loop, nullptr),
      timer_(loop_, [this] { read(); }) {
    read_later(0);
}

void Commands::connect() {
    redis::Events events;
    events.connected = [this] { connected(); };
    events.lost = [this](const std::string &) { up_ = false; };  // which the delivery tells
    client_ = std::make_unique<redis::RedisClient>(loop_, context_.url, limits(), events);
}

// What was given to us on the connection before may not have come.
void Commands::connected() {
    up_ = true;
    has_group_ = false;
    after_ = "0";
    read_later(0);
}

void Commands::read_later(uint64_t ms) {
    if (!stopped_) timer_.start(ms);
}

void Commands::make_group() {
    const Config &config = context_.config;
    reading_ =
        client_->send({"XGROUP", "CREATE", config.commands, config.commands_group, "0", "MKSTREAM"},
                      kPatienceMs, [this](redis::Failure failure, const redisReply *reply) {
                          reading_ = false;
                          const std::string problem = problem_of("XGROUP", failure, reply);
                          has_group_ = problem.empty() || is_error(reply, "BUSYGROUP");
                          if (!has_group_ && up_ && !std::exchange(troubled_, true))
                              context_.log(WSE_LOG_ERROR,
                                           "commands.failed url=" + context_.url.shown() +
                                               " problem=\"" + problem + '"');
                          read_later(has_group_ ? 0 : kPauseMs);
                      }) != 0;
    if (!reading_) read_later(kPauseMs);
}

void Commands::read() {
    if (!client_) return connect();
    if (stopped_ || reading_ || !up_) return;
    remove_done();
    if (!has_group_) return make_group();
    const auto most = static_cast<uint64_t>(context_.config.max_commands);
    if (calls_.waiting() > 0 || entries_.size() >= most) return read_later(kPauseMs);
    const Config &config = context_.config;
    std::vector<std::string> command = {
        "XREADGROUP", "GROUP", config.commands_group,
        kConsumer,    "COUNT", std::to_string(std::min(count_, most))};
    if (after_ == ">") command.insert(command.end(), {"BLOCK", std::to_string(kBlockMs)});
    command.insert(command.end(), {"STREAMS", config.commands, after_});
    reading_ = client_->send(std::move(command), kPatienceMs,
                             [this](redis::Failure failure, const redisReply *reply) {
                                 reading_ = false;
                                 if (stopped_) return;
                                 const auto taken = [&] { return came(failure, reply), WSE_OK; };
                                 if (abi::guarded(taken) != WSE_OK) read_later(kPauseMs);
                             }) != 0;
    if (!reading_) read_later(kPauseMs);
}

void Commands::came(redis::Failure failure, const redisReply *reply) {
    if (failure == redis::Failure::kTooBig) count_ = std::max<uint64_t>(count_ / 2, 1);
    const std::string problem = problem_of("XREADGROUP", failure, reply);
    if (is_error(reply, "NOGROUP")) has_group_ = false;
    if (!problem.empty()) {
        const bool told = failure == redis::Failure::kUnavailable;  // by the delivery
        if (!told && !std::exchange(troubled_, true))
            context_.log(WSE_LOG_ERROR, "commands.failed url=" + context_.url.shown() +
                                            " problem=\"" + problem + '"');
        after_ = "0";
        return read_later(kPauseMs);
    }
    troubled_ = false;
    const redisReply *entries = item_of(item_of(reply, 0), 1);
    if (entries && entries->type == REDIS_REPLY_ARRAY && entries->elements > 0)
        take(*entries);
    else
        after_ = ">";
    read_later(0);
}

void Commands::take(const redisReply &entries) {
    for (size_t i = 0; i < entries.elements; ++i) {
        const std::string place(text_of(item_of(entries.element[i], 0)));
        const redisReply *fields = item_of(entries.element[i], 1);
        if (place.empty()) continue;
        if (after_ != ">") after_ = place;
        if (entries_.count(place) > 0) continue;
        if (fields && fields->type == REDIS_REPLY_ARRAY) {
            run(place, *fields);
        } else {
            entries_[place].done = true;  // has been deleted by somebody
            remove(place);
        }
    }
}

void Commands::run(const std::string &place, const redisReply &fields) {
    Entry &entry = entries_[place];
    entry.id = field_of(fields, "id");
    entry.reply = field_of(fields, "reply");
    context_.count(kCommands);
    std::string problem;
    auto call = app::Call::parse(
        field_of(fields, "method"), field_of(fields, "params"),
        [this, place](const app::CallResult &result) { finish(place, result); }, problem);
    if (call)
        calls_.push(std::move(*call));
    else
        finish(place, app::failed_call("invalid", problem));
}

void Commands::finish(const std::string &place, const app::CallResult &result) {
    if (stopped_) return;
    if (!result.ok) {
        app::Members failure;
        std::string message;
        if (failure.read(result.json)) failure.text_or_nothing("message", message);
        context_.count(kCommandsFailed);
        context_.log(WSE_LOG_DEBUG, "command.failed problem=\"" + message + '"');
    }
    Entry &entry = entries_[place];
    entry.done = true;
    if (!entry.reply.empty()) tell(entry, result);
    remove(place);
}

void Commands::tell(const Entry &entry, const app::CallResult &result) {
    std::vector<std::string> command = {"XADD", entry.reply, "MAXLEN", "~", kMaxReplies, "*"};
    if (!entry.id.empty()) command.insert(command.end(), {"id", entry.id});
    command.insert(command.end(), {"ok", result.ok ? "true" : "false",
                                   result.ok ? "result" : "error", result.json});
    const bool sent =
        send_(std::move(command), [this](redis::Failure failure, const redisReply *reply) {
            if (!problem_of("XADD", failure, reply).empty()) context_.count(kRepliesLost);
        });
    if (!sent) context_.count(kRepliesLost);
}

void Commands::remove(const std::string &place) {
    const Config &config = context_.config;
    Entry &entry = entries_[place];
    entry.removing = send_({"EVAL", kRemove, "1", config.commands, config.commands_group, place},
                           [this, place](redis::Failure failure, const redisReply *reply) {
                               if (stopped_) return;
                               if (problem_of("XACK", failure, reply).empty())
                                   entries_.erase(place);
                               else
                                   entries_[place].removing = false;
                           });
}

// Those of which it failed.
void Commands::remove_done() {
    std::vector<std::string> places;
    for (const auto &[place, entry] : entries_) {
        if (entry.done && !entry.removing) places.push_back(place);
    }
    for (const std::string &place : places) remove(place);
}

void Commands::stop(std::function<void()> closed) {
    stopped_ = true;
    open_ = client_ ? 3 : 2;
    const auto one_less = [this, closed = std::move(closed)] {
        if (--open_ == 0) closed();
    };
    calls_.close(one_less);
    timer_.close(one_less);
    if (client_) client_->close(one_less);
}

}  // namespace wse::app_redis
