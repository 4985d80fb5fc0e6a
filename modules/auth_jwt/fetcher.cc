// SPDX-License-Identifier: MIT
#include "fetcher.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "abi/counters.h"
#include "abi/module_class.h"
#include "http_client/freshness.h"
#include "jws/file_text.h"

namespace wse::auth_jwt {
namespace {

constexpr uint32_t kConnections = 4;
constexpr uint32_t kWaiting = 64;
constexpr const char *kNoMemory = "out of memory";

enum Counter { kFetches, kFailures };

constexpr abi::Counter kCounters[] = {
    {"key_fetches", "times that an issuer was asked for its keys"},
    {"key_failures", "of these, without keys for an answer"},
};

}  // namespace

uint64_t steady_ms() {
    return uv_hrtime() / 1'000'000;
}

// A file on libuv's pool, for a loop must not wait for a disk.
struct Fetcher::FileJob {
    FileJob(Fetcher &asker, Source &asked) : fetcher(asker), source(asked) {}

    Fetcher &fetcher;
    Source &source;
    jws::FileText file;
    int32_t status = WSE_OK;

    static void read(void *p) noexcept {
        auto *job = static_cast<FileJob *>(p);
        job->status = abi::guarded([job] {
            jws::read_file(job->source.place().path, KeySet::kMaxBytes, job->file);
            return WSE_OK;
        });
    }
    static void done(void *p) noexcept {
        const std::unique_ptr<FileJob> job(static_cast<FileJob *>(p));
        Fetcher &fetcher = job->fetcher;
        --fetcher.jobs_;
        if (job->status != WSE_OK)
            fetcher.fail(job->source, kNoMemory);
        else if (!job->file.problem.empty())
            fetcher.fail(job->source, job->file.problem);
        else
            fetcher.take(job->source, job->file.text, 0);
        if (fetcher.stop_token_) fetcher.finish_stop();
    }
};

Fetcher::Fetcher(const wse_host *host, const Config &config,
                 const std::vector<std::unique_ptr<Source>> &sources, std::function<void()> ended)
    : host_(host), config_(config), sources_(sources), ended_(std::move(ended)) {}

std::string Fetcher::load() {
    std::string problem = abi::register_counters(host_, kCounters, counters_);
    if (!problem.empty()) return problem;
    const bool needs_tls = std::any_of(sources_.begin(), sources_.end(), [](const auto &source) {
        return source->place().origin() == Origin::kUrl && source->place().url.tls;
    });
    if (needs_tls) tls_ = http::TlsContext::make(config_.ca_file, problem);
    return problem.empty() ? "" : "ca_file: " + problem;
}

void Fetcher::start(wse_loop *loop) {
    loop_ = loop;
    auto *const uv = static_cast<uv_loop_t *>(host_->uv(host_, loop));
    // The timer first, and not yet ours: it closes itself when there is no memory for the client.
    auto timer = std::make_unique<abi::Timer>(uv, [this] { on_time(); });
    const http::Limits limits = {.connections = kConnections, .waiting = kWaiting};
    client_ = std::make_unique<http::HttpClient>(uv, limits, tls_.get());
    timer_ = std::move(timer);
    arm();
}

void Fetcher::arm() {
    if (stop_token_) return;
    uint64_t due = UINT64_MAX;
    for (const auto &source : sources_) due = std::min(due, source->due_ms());
    if (due == UINT64_MAX) return timer_->stop();
    const uint64_t now = steady_ms();
    timer_->start(due > now ? due - now : 0);
}

void Fetcher::on_time() {
    for (const auto &source : sources_) {
        const uint64_t now = steady_ms();
        if (source->due_ms() <= now && source->claim(now)) fetch(*source);
    }
    arm();
}

void Fetcher::fetch(Source &source) {
    if (stop_token_) return fail(source, "the server is stopping");
    host_->stat_add(host_, counters_[kFetches], 1);
    const int32_t status = abi::guarded(
        [&] { return source.place().origin() == Origin::kFile ? read(source) : ask(source); });
    if (status != WSE_OK) fail(source, status == WSE_ENOMEM ? kNoMemory : "too much at once");
}

int32_t Fetcher::read(Source &source) {
    auto job = std::make_unique<FileJob>(*this, source);
    const int32_t status =
        host_->work(host_, loop_, FileJob::read, FileJob::done, static_cast<void *>(job.get()));
    if (status != WSE_OK) return status;
    static_cast<void>(job.release());  // done() has it
    ++jobs_;
    return WSE_OK;
}

int32_t Fetcher::ask(Source &source) {
    http::Request request;
    request.url = source.place().url;
    request.headers = {{"Accept", "application/jwk-set+json, application/json"},
                       {"User-Agent", "wse-auth_jwt"}};
    request.timeout_ms = static_cast<uint64_t>(config_.jwks_timeout_ms);
    request.max_body = KeySet::kMaxBytes;
    const uint64_t call =
        client_->send(std::move(request),
                      [this, &source](const http::Outcome &outcome) { answered(source, outcome); });
    return call != 0 ? WSE_OK : WSE_EAGAIN;
}

void Fetcher::answered(Source &source, const http::Outcome &outcome) {
    if (outcome.failure != http::Failure::kNone) return fail(source, outcome.problem);
    const http::Response &response = outcome.response;
    if (response.status == 200)
        return take(source, response.body, http::freshness_of(response).max_age_ms);
    char problem[32];
    std::snprintf(problem, sizeof problem, "status %d", response.status);
    fail(source, problem);
}

void Fetcher::take(Source &source, std::string_view json, uint64_t max_age_ms) noexcept {
    const int32_t status = abi::guarded([&] {
        std::string problem;
        const auto keys = KeySet::parse(json, source.place().origin(), problem);
        if (!keys) {
            fail(source, problem);
            return WSE_OK;
        }
        for (const std::string &reason : keys->left_out())
            log(WSE_LOG_INFO, "keys.left_out", source, " problem=\"" + reason + '"');
        log(keys->keys().empty() ? WSE_LOG_WARN : WSE_LOG_INFO, "keys.loaded", source,
            " keys=" + std::to_string(keys->keys().size()));
        source.succeed(keys, steady_ms(), max_age_ms);
        end();
        return WSE_OK;
    });
    if (status != WSE_OK) fail(source, kNoMemory);
}

void Fetcher::fail(Source &source, std::string_view problem) noexcept {
    source.fail(steady_ms());
    if (!stop_token_) {
        host_->stat_add(host_, counters_[kFailures], 1);
        abi::guarded([&] {
            log(WSE_LOG_WARN, "keys.failed", source, " problem=\"" + std::string(problem) + '"');
            return WSE_OK;
        });
    }
    end();
}

void Fetcher::end() {
    ended_();
    arm();
}

void Fetcher::log(int32_t level, const char *event, const Source &source, const std::string &rest) {
    host_->log(host_, level,
               (std::string(event) + " issuer=\"" + source.issuer() + "\" from=\"" +
                source.place().shown + '"' + rest)
                   .c_str());
}

// Nothing begins any more; what is under way ends before the token is answered.
void Fetcher::stop(wse_stop_token *token) {
    stop_token_ = token;
    timer_->close([this] {
        client_->close([this] {
            client_closed_ = true;
            finish_stop();
        });
    });
}

void Fetcher::finish_stop() {
    if (client_closed_ && jobs_ == 0) host_->stop_done(host_, stop_token_);
}

}  // namespace wse::auth_jwt
