// SPDX-License-Identifier: MIT
#include "instance.h"

#include <algorithm>
#include <utility>

#include "abi/counters.h"
#include "abi/module_class.h"
#include "http_client/headers.h"
#include "question.h"

namespace wse::auth_http {
namespace {

constexpr size_t kMaxKept = 65536;          // answers, for each loop
constexpr uint32_t kWaitingPerRequest = 4;  // how many wait for one that is under way
constexpr uint64_t kMaxRequestHeaders = 32;

enum Counter { kAccepted, kCached, kRefused, kUnreadable, kFailed, kCrowded };

constexpr abi::Counter kCounters[] = {
    {"accepted", "clients let in"},
    {"cached", "of these, by an answer that was kept"},
    {"refused", "clients that the application refused, or whose time had ended"},
    {"refused_unreadable", "credentials and headers that are not UTF-8"},
    {"failed", "requests without a useful answer"},
    {"crowded", "questions while too many waited"},
};

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    return out;
}

// A share of each loop, at least one.
uint64_t share_of(int64_t total, uint32_t loops) {
    return std::max<uint64_t>(1, static_cast<uint64_t>(total) / std::max(1U, loops));
}

std::string url_problem(const Config &config) {
    const auto url = http::parse_url(config.url);
    if (!url) return "url: is no http or https URL";
    if (!url->tls && !config.plain_http && !url->is_loopback())
        return "url: credentials would go over http for others to read; write https, or "
               "plain_http = true";
    if (config.ca_file && !url->tls) return "ca_file: the url is not https";
    std::string problem;
    return url->tls && !http::TlsContext::make(config.ca_file, problem) ? "ca_file: " + problem
                                                                        : "";
}

}  // namespace

std::string option_problem(const Config &config) {
    std::string problem = url_problem(config);
    if (!problem.empty()) return problem;
    problem = http::header_problem(config.headers);
    if (!problem.empty()) return "headers: " + problem;
    if (config.request_headers.count > kMaxRequestHeaders) return "request_headers: over 32";
    for (uint64_t i = 0; i < config.request_headers.count; ++i) {
        const char *const name = config.request_headers.items[i];
        if (!http::is_header_name(name))
            return std::string("request_headers: '") + name + "' cannot be passed on";
    }
    return "";
}

Instance::Instance(const wse_host *host, const Config &config)
    : host_(host), config_(config), lanes_(host) {}

std::string Instance::load() {
    std::string problem = option_problem(config_);
    if (!problem.empty()) return problem;
    url_ = *http::parse_url(config_.url);
    for (uint64_t i = 0; i < config_.request_headers.count; ++i)
        request_headers_.push_back(lower(config_.request_headers.items[i]));
    return abi::register_counters(host_, kCounters, counters_);
}

std::string Instance::start(wse_loop *loop) {
    const uint32_t loops = host_->loop_count;
    auto lane = std::make_unique<Lane>(kMaxKept, share_of(config_.cache_size, loops));
    std::string problem;
    if (url_.tls) lane->tls = http::TlsContext::make(config_.ca_file, problem);
    if (!problem.empty()) return "ca_file: " + problem;
    lane->uv = static_cast<uv_loop_t *>(host_->uv(host_, loop));
    http::Limits limits;
    limits.connections = static_cast<uint32_t>(share_of(config_.max_requests, loops));
    limits.waiting = limits.connections * kWaitingPerRequest;
    lane->client = std::make_unique<http::HttpClient>(lane->uv, limits, lane->tls.get());
    lanes_.put(loop, std::move(lane));
    return "";
}

// Ends what is under way as canceled.
void Instance::stop(wse_loop *loop, wse_stop_token *token) {
    Lane *const lane = lanes_.of(loop);
    if (!lane) return host_->stop_done(host_, token);
    lane->client->close([this, loop, token] {
        lanes_.clear(loop);
        host_->stop_done(host_, token);
    });
}

void Instance::count(int counter) const {
    host_->stat_add(host_, counters_[counter], 1);
}

int32_t Instance::authenticate(wse_loop *loop, const wse_auth_request &request,
                               wse_auth_token *token) {
    Lane *const lane = lanes_.of(loop);
    if (!lane) return WSE_EINVAL;
    NamedHeaders headers;
    for (const std::string &name : request_headers_) {
        wse_bytes value = {};
        if (host_->header(host_, token, name.c_str(), &value) == WSE_OK)
            headers.emplace_back(name, abi::text_of(value));
    }
    auto body = body_of(request, headers);
    if (!body) {
        count(kUnreadable);
        host_->auth_done(host_, token, WSE_EDENIED, nullptr);
        return WSE_OK;
    }
    Question question;
    if (config_.cache_ttl_ms > 0) question.key = key_of(*body);
    if (const Identity *const kept = find_kept(*lane, question.key)) {
        count(kCached);
        grant(token, *kept);
        return WSE_OK;
    }
    return ask(*lane, token, make_request(request, std::move(*body)), std::move(question));
}

const Identity *Instance::find_kept(Lane &lane, const std::string &key) const {
    const Kept *const kept = key.empty() ? nullptr : lane.kept.find(key);
    if (!kept || uv_now(lane.uv) >= kept->fresh_until_ms) return nullptr;
    const uint64_t end = kept->identity.expires_ms;
    return end == 0 || host_->now_ms(host_) < end ? &kept->identity : nullptr;
}

http::Request Instance::make_request(const wse_auth_request &request, std::string body) const {
    http::Request made;
    made.method = "POST";
    made.url = url_;
    made.headers = http::headers_of(config_.headers);
    http::add_default(made.headers, "Content-Type", "application/json");
    http::add_default(made.headers, "Accept", "application/json");
    http::add_default(made.headers, "User-Agent", "wse-auth_http");
    made.body = std::move(body);
    made.timeout_ms = static_cast<uint64_t>(config_.timeout_ms);
    if (request.deadline_ms > 0) made.timeout_ms = std::min(made.timeout_ms, request.deadline_ms);
    made.max_body = static_cast<uint64_t>(config_.limit);
    return made;
}

int32_t Instance::ask(Lane &lane, wse_auth_token *token, http::Request request, Question question) {
    const auto at = lane.questions.emplace(token, std::move(question)).first;
    const int32_t status = abi::guarded([&] {
        at->second.call = lane.client->send(
            std::move(request),
            [this, &lane, token](const http::Outcome &outcome) { take(lane, token, outcome); });
        return at->second.call != 0 ? WSE_OK : WSE_EAGAIN;
    });
    if (status == WSE_OK) return WSE_OK;
    lane.questions.erase(at);
    count(kCrowded);
    return status;
}

void Instance::cancel(wse_loop *loop, wse_auth_token *token) {
    Lane *const lane = lanes_.of(loop);
    if (!lane) return;
    const auto at = lane->questions.find(token);
    if (at == lane->questions.end()) return;
    lane->client->cancel(at->second.call);
    lane->questions.erase(at);
    host_->auth_done(host_, token, WSE_ECANCELED, nullptr);
}

void Instance::take(Lane &lane, wse_auth_token *token, const http::Outcome &outcome) noexcept {
    const auto at = lane.questions.find(token);
    const Question question = std::move(at->second);
    lane.questions.erase(at);
    const int32_t status = abi::guarded([&] {
        done(lane, token, question, outcome);
        return WSE_OK;
    });
    if (status != WSE_OK) host_->auth_done(host_, token, status, nullptr);
}

// Its answer is the last that it does: nothing needs memory after it.
void Instance::done(Lane &lane, wse_auth_token *token, const Question &question,
                    const http::Outcome &outcome) {
    if (outcome.failure == http::Failure::kCanceled)
        return static_cast<void>(host_->auth_done(host_, token, WSE_ECANCELED, nullptr));
    if (outcome.failure == http::Failure::kTimeout)
        return fail(token, WSE_ETIMEDOUT, outcome.problem);
    if (outcome.failure != http::Failure::kNone) return fail(token, WSE_EIO, outcome.problem);
    const Answer answer = read_answer(outcome.response, host_->now_ms(host_));
    if (answer.status == WSE_EIO) return fail(token, WSE_EIO, answer.problem);
    if (answer.status != WSE_OK) {
        count(kRefused);
        host_->auth_done(host_, token, answer.status, nullptr);
        return;
    }
    if (!question.key.empty()) {
        const uint64_t bytes = answer.identity.user.size() + answer.identity.claims.size() +
                               question.key.size() + sizeof(Kept);
        const auto ttl = static_cast<uint64_t>(config_.cache_ttl_ms);
        lane.kept.put(question.key, {answer.identity, uv_now(lane.uv) + ttl}, bytes);
    }
    grant(token, answer.identity);
}

void Instance::fail(wse_auth_token *token, int32_t status, const std::string &problem) {
    count(kFailed);
    const std::string path = url_.target.substr(0, url_.target.find('?'));  // a query may be secret
    host_->log(
        host_, WSE_LOG_WARN,
        ("request.failed url=" + url_.origin() + path + " problem=\"" + problem + '"').c_str());
    host_->auth_done(host_, token, status, nullptr);
}

void Instance::grant(wse_auth_token *token, const Identity &identity) {
    count(kAccepted);
    const wse_auth_result result = {
        .struct_size = sizeof result,
        .reserved = 0,
        .user = abi::bytes_of(identity.user),
        .claims = abi::bytes_of(identity.claims),
        .expires_ms = identity.expires_ms,
    };
    host_->auth_done(host_, token, WSE_OK, &result);
}

}  // namespace wse::auth_http
