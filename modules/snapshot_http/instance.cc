// SPDX-License-Identifier: MIT
#include "instance.h"

#include <algorithm>
#include <utility>

#include "abi/module_class.h"
#include "http_client/headers.h"

namespace wse::snapshot_http {
namespace {

constexpr size_t kMaxKept = 4096;
constexpr uint32_t kWaitingPerRequest = 4;  // how many wait for one that is under way

}  // namespace

std::string option_problem(const Config &config) {
    std::string problem;
    const auto pattern = UrlPattern::parse(config.url, problem);
    if (!pattern) return problem;
    problem = http::header_problem(config.headers);
    if (!problem.empty()) return "headers: " + problem;
    if (config.ca_file && !pattern->is_tls()) return "ca_file: the url is not https";
    if (pattern->is_tls() && !http::TlsContext::make(config.ca_file, problem))
        return "ca_file: " + problem;
    return snapshot::type_problem(config.type);
}

Instance::Instance(const wse_host *host, const Config &config)
    : host_(host), config_(config), kept_(kMaxKept, static_cast<uint64_t>(config.cache)) {}

std::string Instance::load() {
    std::string problem = option_problem(config_);
    if (!problem.empty()) return problem;
    url_ = *UrlPattern::parse(config_.url, problem);
    if (url_.is_tls()) tls_ = http::TlsContext::make(config_.ca_file, problem);
    if (!problem.empty()) return "ca_file: " + problem;
    const struct {
        const char *name;
        const char *help;
        uint32_t *id;
    } counters[] = {{"answered", "snapshots given", &answered_},
                    {"cached", "of these, without asking or after the answer 304", &cached_},
                    {"missing", "topics of which there is none", &missing_},
                    {"failed", "requests without a useful answer", &failed_},
                    {"refused", "questions while too many waited", &refused_}};
    for (const auto &counter : counters) {
        if (host_->stat(host_, counter.name, counter.help, counter.id) != WSE_OK)
            return std::string("the server takes no counter ") + counter.name;
    }
    return "";
}

std::string Instance::start(wse_loop *loop) {
    uv_ = static_cast<uv_loop_t *>(host_->uv(host_, loop));
    http::Limits limits;
    limits.connections = static_cast<uint32_t>(config_.max_requests);
    limits.waiting = limits.connections * kWaitingPerRequest;
    client_ = std::make_unique<http::HttpClient>(uv_, limits, tls_.get());
    return "";
}

void Instance::stop(wse_loop *, wse_stop_token *token) {
    client_->close([this, token] { host_->stop_done(host_, token); });
}

bool Instance::per_user() const {
    return config_.per_user != 0 || url_.has_user();
}

// A state without a place is followed by what was published after the question, so an older one
// would leave a hole: it is good for a topic alone that has not moved since.
bool Instance::is_good(const Kept &kept, const snapshot::Place &asked_at) const {
    return uv_now(uv_) < kept.fresh_until_ms && (kept.state.place || kept.asked_at == asked_at);
}

int32_t Instance::request(const wse_snapshot_request &request, wse_snapshot_token *token) {
    const auto url = url_.expand(request);
    if (!url) return WSE_ENOTFOUND;
    Question question;
    question.asked_at = {request.epoch, request.offset};
    if (config_.method == kGet && config_.cache > 0) question.key = url->target;
    const Kept *kept = question.key.empty() ? nullptr : kept_.find(question.key);
    if (kept && is_good(*kept, question.asked_at)) {
        host_->stat_add(host_, cached_, 1);
        answer(token, kept->state);
        return WSE_OK;
    }
    return ask(token, make_request(request, *url, kept), std::move(question));
}

int32_t Instance::ask(wse_snapshot_token *token, http::Request request, Question question) {
    const auto at = questions_.emplace(token, std::move(question)).first;
    const int32_t status = abi::guarded([&] {
        at->second.call = client_->send(std::move(request), [this, token](http::Outcome outcome) {
            take(token, std::move(outcome));
        });
        return at->second.call != 0 ? WSE_OK : WSE_EAGAIN;
    });
    if (status == WSE_OK) return WSE_OK;
    questions_.erase(at);
    host_->stat_add(host_, refused_, 1);
    return status;
}

http::Request Instance::make_request(const wse_snapshot_request &request, http::Url url,
                                     const Kept *kept) const {
    http::Request made;
    made.url = std::move(url);
    made.timeout_ms = static_cast<uint64_t>(config_.timeout_ms);
    if (request.deadline_ms > 0) made.timeout_ms = std::min(made.timeout_ms, request.deadline_ms);
    made.max_body = static_cast<uint64_t>(config_.limit);
    made.headers = http::headers_of(config_.headers);
    http::add_default(made.headers, "Accept", "application/json");
    http::add_default(made.headers, "User-Agent", "wse-snapshot_http");
    if (kept && !kept->etag.empty()) made.headers.push_back({"If-None-Match", kept->etag});
    if (config_.method == kPost) {
        made.method = "POST";
        made.headers.push_back({"Content-Type", "application/json"});
        made.body = body_of(request);
    }
    return made;
}

void Instance::cancel(wse_snapshot_token *token) {
    const auto at = questions_.find(token);
    if (at == questions_.end()) return;
    client_->cancel(at->second.call);
    questions_.erase(at);
    snapshot::refuse(host_, token, WSE_ECANCELED);
}

void Instance::take(wse_snapshot_token *token, http::Outcome outcome) noexcept {
    const auto at = questions_.find(token);
    const Question question = std::move(at->second);
    questions_.erase(at);
    const int32_t status = abi::guarded([&] {
        done(token, question, std::move(outcome));
        return WSE_OK;
    });
    if (status != WSE_OK) snapshot::refuse(host_, token, status);
}

// Its answer is the last that it does: nothing needs memory after it.
void Instance::done(wse_snapshot_token *token, const Question &question, http::Outcome outcome) {
    switch (outcome.failure) {
        case http::Failure::kNone:
            break;
        case http::Failure::kCanceled:
            return snapshot::refuse(host_, token, WSE_ECANCELED);
        case http::Failure::kTimeout:
            return fail(token, WSE_ETIMEDOUT, outcome.problem);
        case http::Failure::kTooBig:
            return fail(token, WSE_ETOOBIG, outcome.problem);
        default:
            return fail(token, WSE_EIO, outcome.problem);
    }
    if (outcome.response.status == 304) return not_modified(token, question, outcome.response);
    const http::Freshness freshness = http::freshness_of(outcome.response);
    const Answer read = read_answer(std::move(outcome.response));
    keep(question, read.status == WSE_OK ? freshness : http::Freshness(), read.state);
    if (read.status == WSE_OK) return answer(token, read.state);
    if (read.status != WSE_ENOTFOUND) return fail(token, read.status, read.problem);
    host_->stat_add(host_, missing_, 1);
    snapshot::refuse(host_, token, WSE_ENOTFOUND);
}

// The state that we have is the one of now, wherever the topic has gone.
void Instance::not_modified(wse_snapshot_token *token, const Question &question,
                            const http::Response &response) {
    const Kept *kept = question.key.empty() ? nullptr : kept_.find(question.key);
    if (!kept) return fail(token, WSE_EIO, "status 304 for what we do not have any more");
    http::Response same = {200, response.headers, kept->state.data};
    http::Freshness freshness = http::freshness_of(same);
    if (freshness.etag.empty()) freshness.etag = kept->etag;
    Answer read = read_answer(std::move(same));
    if (read.status != WSE_OK) return fail(token, read.status, read.problem);
    if (!read.state.place) read.state.place = kept->state.place;
    freshness.store = true;
    keep(question, freshness, read.state);
    host_->stat_add(host_, cached_, 1);
    answer(token, read.state);
}

void Instance::keep(const Question &question, const http::Freshness &freshness,
                    const snapshot::State &state) {
    if (question.key.empty()) return;
    if (!freshness.store) return kept_.erase(question.key);
    const uint64_t bytes = state.data.size() + question.key.size() + sizeof(Kept);
    kept_.put(question.key,
              {state, question.asked_at, freshness.etag, uv_now(uv_) + freshness.max_age_ms},
              bytes);
}

void Instance::answer(wse_snapshot_token *token, const snapshot::State &state) {
    host_->stat_add(host_, answered_, 1);
    snapshot::answer(host_, token, state, config_.type);
}

void Instance::fail(wse_snapshot_token *token, int32_t status, const std::string &problem) {
    host_->stat_add(host_, failed_, 1);
    host_->log(host_, WSE_LOG_WARN,
               ("request.failed url=" + url_.shown() + " problem=\"" + problem + '"').c_str());
    snapshot::refuse(host_, token, status);
}

}  // namespace wse::snapshot_http
