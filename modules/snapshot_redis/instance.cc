// SPDX-License-Identifier: MIT
#include "instance.h"

#include <algorithm>
#include <utility>

#include "abi/module_class.h"
#include "snapshot/state.h"

namespace wse::snapshot_redis {

std::string KeyPattern::parse(std::string_view text, KeyPattern &ret) {
    static constexpr std::pair<std::string_view, Part> kPlaceholders[] = {{"{topic}", Part::kTopic},
                                                                          {"{user}", Part::kUser}};
    ret.pieces_.clear();
    if (text.empty()) return "key: is empty";
    while (!text.empty()) {
        const auto found = std::find_if(
            std::begin(kPlaceholders), std::end(kPlaceholders),
            [&](const auto &placeholder) { return text.starts_with(placeholder.first); });
        if (found != std::end(kPlaceholders)) {
            ret.pieces_.push_back({found->second, ""});
            text.remove_prefix(found->first.size());
            continue;
        }
        if (text.front() == '}') return "key: knows {topic} and {user}, and no other '{' or '}'";
        const size_t end = std::min(text.find_first_of("{}", 1), text.size());
        if (text.front() == '{') return "key: knows {topic} and {user}, and no other '{' or '}'";
        ret.pieces_.push_back({Part::kText, std::string(text.substr(0, end))});
        text.remove_prefix(end);
    }
    return "";
}

std::string KeyPattern::expand(const wse_snapshot_request &request) const {
    std::string key;
    for (const Piece &piece : pieces_) {
        key += piece.part == Part::kText    ? std::string_view(piece.text)
               : piece.part == Part::kTopic ? abi::text_of(request.topic)
                                            : abi::text_of(request.user);
    }
    return key;
}

bool KeyPattern::has_user() const {
    return std::any_of(pieces_.begin(), pieces_.end(),
                       [](const Piece &piece) { return piece.part == Part::kUser; });
}

namespace {

const char *url_of(const Config &config) {
    return config.url ? config.url : "redis://localhost:6379";
}

}  // namespace

std::string option_problem(const Config &config) {
    std::string problem;
    if (!redis::parse_url(url_of(config), problem)) return "url: " + problem;
    KeyPattern pattern;
    problem = KeyPattern::parse(config.key, pattern);
    return problem.empty() ? snapshot::type_problem(config.type) : problem;
}

Instance::Instance(const wse_host *host, const Config &config) : host_(host), config_(config) {}

std::string Instance::load() {
    std::string problem = option_problem(config_);
    if (!problem.empty()) return problem;
    url_ = *redis::parse_url(url_of(config_), problem);
    KeyPattern::parse(config_.key, key_);
    const struct {
        const char *name;
        const char *help;
        uint32_t *id;
    } counters[] = {{"answered", "snapshots given", &answered_},
                    {"missing", "topics without a key", &missing_},
                    {"failed", "keys that could not be used, and answers too late", &failed_},
                    {"unavailable", "questions without a connection to Redis", &unavailable_}};
    for (const auto &counter : counters) {
        if (host_->stat(host_, counter.name, counter.help, counter.id) != WSE_OK)
            return std::string("the server takes no counter ") + counter.name;
    }
    return "";
}

std::string Instance::start(wse_loop *loop) {
    uv_ = static_cast<uv_loop_t *>(host_->uv(host_, loop));
    redis::Limits limits;
    limits.reply_bytes = static_cast<uint64_t>(config_.limit) + 1;
    redis::Events events;
    events.connected = [this] {
        host_->log(host_, WSE_LOG_INFO, ("redis.connected url=" + url_.shown()).c_str());
    };
    events.lost = [this](const std::string &problem) {
        host_->log(host_, WSE_LOG_ERROR,
                   ("redis.lost url=" + url_.shown() + " effect=\"no snapshots\" problem=\"" +
                    problem + '"')
                       .c_str());
    };
    client_ = std::make_unique<redis::RedisClient>(uv_, url_, limits, std::move(events));
    return "";
}

void Instance::stop(wse_loop *, wse_stop_token *token) {
    client_->close([this, token] { host_->stop_done(host_, token); });
}

int32_t Instance::request(const wse_snapshot_request &request, wse_snapshot_token *token) {
    auto timeout = static_cast<uint64_t>(config_.timeout_ms);
    if (request.deadline_ms > 0) timeout = std::min(timeout, request.deadline_ms);
    Question question;
    question.key = key_.expand(request);
    question.deadline = uv_now(uv_) + timeout;
    const auto type = static_cast<KeyType>(config_.type_of_key);
    const auto at = questions_.emplace(token, std::move(question)).first;
    const int32_t status = abi::guarded([&] {
        const bool sent =
            type == kAuto ? ask_type(token, at->second) : ask_value(token, at->second, type);
        return sent ? WSE_OK : WSE_EAGAIN;
    });
    if (status != WSE_OK) questions_.erase(at);
    return status;
}

bool Instance::send(wse_snapshot_token *token, Question &question, std::vector<std::string> command,
                    void (Instance::*then)(wse_snapshot_token *, const redisReply &, KeyType),
                    KeyType type) {
    const uint64_t now = uv_now(uv_);
    question.command =
        client_->send(std::move(command), question.deadline > now ? question.deadline - now : 0,
                      [this, token, then, type](redis::Failure failure, const redisReply *reply) {
                          const int32_t status = abi::guarded([&] {
                              if (failure != redis::Failure::kNone)
                                  lost(token, failure);
                              else
                                  (this->*then)(token, *reply, type);
                              return WSE_OK;
                          });
                          if (status != WSE_OK) answer_without_memory(token);
                      });
    return question.command != 0;
}

bool Instance::ask_type(wse_snapshot_token *token, Question &question) {
    return send(token, question, {"TYPE", question.key}, &Instance::take_type, kAuto);
}

// One octet more than the limit tells that there is more.
bool Instance::ask_value(wse_snapshot_token *token, Question &question, KeyType type) {
    std::vector<std::string> command;
    if (type == kString)
        command = {"GETRANGE", question.key, "0", std::to_string(config_.limit)};
    else if (type == kHash)
        command = {"HGETALL", question.key};
    else
        command = {"LRANGE", question.key, "0", "-1"};
    return send(token, question, std::move(command), &Instance::take_value, type);
}

void Instance::take_type(wse_snapshot_token *token, const redisReply &reply, KeyType) {
    if (reply.type != REDIS_REPLY_STATUS) {
        const Answer answer = read_error(reply);
        return refuse(token, answer.status, answer.problem);
    }
    const std::string_view name(reply.str, static_cast<size_t>(reply.len));
    if (name == "none") return refuse(token, WSE_ENOTFOUND, "");
    const KeyType type = name == "string" ? kString
                         : name == "hash" ? kHash
                         : name == "list" ? kList
                                          : kAuto;
    if (type == kAuto) return refuse(token, WSE_EIO, "the key is no string, hash or list");
    if (!ask_value(token, questions_.at(token), type))
        refuse(token, WSE_EAGAIN, "too many at once");
}

void Instance::take_value(wse_snapshot_token *token, const redisReply &reply, KeyType type) {
    const Answer answer = read_reply(reply, type, static_cast<uint64_t>(config_.limit));
    if (answer.status != WSE_OK) return refuse(token, answer.status, answer.problem);
    questions_.erase(token);
    host_->stat_add(host_, answered_, 1);
    snapshot::answer(host_, token, answer.state, config_.type);
}

// Where nothing has been answered yet: an answer is the last that every function here does.
void Instance::answer_without_memory(wse_snapshot_token *token) {
    if (questions_.erase(token) > 0) snapshot::refuse(host_, token, WSE_ENOMEM);
}

void Instance::lost(wse_snapshot_token *token, redis::Failure failure) {
    switch (failure) {
        case redis::Failure::kUnavailable:  // has been told, once
            questions_.erase(token);
            host_->stat_add(host_, unavailable_, 1);
            return snapshot::refuse(host_, token, WSE_EAGAIN);
        case redis::Failure::kCanceled:
            questions_.erase(token);
            return snapshot::refuse(host_, token, WSE_ECANCELED);
        case redis::Failure::kTimeout:
            return refuse(token, WSE_ETIMEDOUT, "no answer in time");
        default:
            return refuse(token, WSE_ETOOBIG,
                          "is over " + std::to_string(config_.limit) + " bytes");
    }
}

void Instance::refuse(wse_snapshot_token *token, int32_t status, const std::string &problem) {
    const auto at = questions_.find(token);
    if (status == WSE_ENOTFOUND) {
        host_->stat_add(host_, missing_, 1);
    } else {
        host_->stat_add(host_, failed_, 1);
        host_->log(
            host_, WSE_LOG_WARN,
            ("key.refused key=\"" + at->second.key + "\" problem=\"" + problem + '"').c_str());
    }
    questions_.erase(at);
    snapshot::refuse(host_, token, status);
}

void Instance::cancel(wse_snapshot_token *token) {
    const auto at = questions_.find(token);
    if (at == questions_.end()) return;
    client_->cancel(at->second.command);
    questions_.erase(at);
    snapshot::refuse(host_, token, WSE_ECANCELED);
}

}  // namespace wse::snapshot_redis
