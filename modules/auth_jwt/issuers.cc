// SPDX-License-Identifier: MIT
#include "issuers.h"

#include <utility>

#include "jws/file_text.h"
#include "strict_json/text.h"

namespace wse::auth_jwt {
namespace {

constexpr uint64_t kMaxIssuers = 64;

std::string about(const char *issuer, const std::string &problem) {
    return std::string("issuers: ") + issuer + ": " + problem;
}

// A file is the operator's: one that cannot be used is said at the start.
std::string file_problem(const std::string &path) {
    jws::FileText file;
    jws::read_file(path, KeySet::kMaxBytes, file);
    if (!file.problem.empty()) return file.problem;
    std::string problem;
    const auto keys = KeySet::parse(file.text, Origin::kFile, problem);
    if (!keys) return path + ": " + problem;
    if (!keys->keys().empty()) return "";
    return path + ": no key that can be used" +
           (keys->left_out().empty() ? "" : "; " + keys->left_out().front());
}

}  // namespace

std::string issuers_problem(const Config &config) {
    if (config.issuers.count > kMaxIssuers) return "issuers: over 64";
    std::string problem;
    bool has_tls = false;
    for (uint64_t i = 0; i < config.issuers.count; ++i) {
        const wse_pair &pair = config.issuers.items[i];
        if (!strict_json::is_user(pair.key))
            return "issuers: a name that is empty, over 256 bytes or has a control character";
        const auto place = parse_place(pair.value, config.plain_http != 0, problem);
        if (!place) return about(pair.key, problem);
        problem = place->origin() == Origin::kFile ? file_problem(place->path) : "";
        if (!problem.empty()) return about(pair.key, problem);
        has_tls = has_tls || place->url.tls;
    }
    if (config.ca_file && !has_tls) return "ca_file: no issuer's keys come over https";
    return config.ca_file && !http::TlsContext::make(config.ca_file, problem)
               ? "ca_file: " + problem
               : "";
}

Issuers::Issuers(const wse_host *host, const Config &config, std::function<void(wse_loop *)> heard)
    : host_(host),
      config_(config),
      heard_(std::move(heard)),
      fetcher_(host, config, sources_, [this] { ring(); }),
      bells_(host->loop_count) {}

std::string Issuers::load() {
    const Schedule::Limits limits = {static_cast<uint64_t>(config_.jwks_refresh_ms),
                                     static_cast<uint64_t>(config_.jwks_cooldown_ms),
                                     static_cast<uint64_t>(config_.jwks_max_stale_ms)};
    std::string problem = issuers_problem(config_);
    for (uint64_t i = 0; problem.empty() && i < config_.issuers.count; ++i) {
        const wse_pair &pair = config_.issuers.items[i];
        auto place = parse_place(pair.value, config_.plain_http != 0, problem);
        sources_.push_back(std::make_unique<Source>(pair.key, std::move(*place), limits));
        places_.emplace(pair.key, sources_.size() - 1);
        orders_.push_back({this, sources_.back().get()});
    }
    return problem.empty() ? fetcher_.load() : problem;
}

// One loop is enough to fetch.
void Issuers::start(wse_loop *loop) {
    const uint32_t index = host_->loop_index(host_, loop);
    if (index == 0) fetcher_.start(loop);
    const std::lock_guard lock(mutex_);
    bells_[index] = {this, loop, false};
    if (index == 0) fetching_loop_ = loop;
}

void Issuers::stop(wse_loop *loop, wse_stop_token *token) {
    if (host_->loop_index(host_, loop) == 0) return fetcher_.stop(token);
    host_->stop_done(host_, token);
}

std::optional<size_t> Issuers::find(std::string_view issuer) const {
    const auto at = places_.find(issuer);
    return at == places_.end() ? std::nullopt : std::optional(at->second);
}

void Issuers::listen(wse_loop *loop) {
    const std::lock_guard lock(mutex_);
    bells_[host_->loop_index(host_, loop)].is_wanted = true;
}

bool Issuers::expect(size_t issuer) {
    const auto fetch = [](void *p) noexcept {
        const auto *order = static_cast<Order *>(p);
        order->issuers->fetcher_.fetch(*order->source);
    };
    Source &source = *sources_[issuer];
    const uint64_t now = steady_ms();
    if (!source.claim(now)) return source.look(now).is_coming;
    {
        const std::lock_guard lock(mutex_);
        if (fetching_loop_ && host_->post(host_, fetching_loop_, fetch, &orders_[issuer]) == WSE_OK)
            return true;
    }
    source.fail(now);
    ring();  // others may wait for it already
    return false;
}

void Issuers::ring() {
    const auto hear = [](void *p) noexcept {
        const auto *bell = static_cast<Bell *>(p);
        bell->issuers->heard_(bell->loop);
    };
    const std::lock_guard lock(mutex_);
    for (Bell &bell : bells_) {
        // One that cannot be told waits until its clients do not.
        if (std::exchange(bell.is_wanted, false)) host_->post(host_, bell.loop, hear, &bell);
    }
}

}  // namespace wse::auth_jwt
