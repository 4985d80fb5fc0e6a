// SPDX-License-Identifier: MIT
// auth_jwt: lets in who brings a JSON Web Token (RFC 7519) signed with the configured key, or with
// one of its issuer's.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <wse/module.h>

#include "abi/lanes.h"
#include "abi/module_class.h"
#include "issuers.h"
#include "lane.h"
#include "options.h"

namespace wse::auth_jwt {
namespace {

constexpr size_t kMaxHeld = 256;  // tokens that wait for keys, for each loop

// A reason, or none yet: the keys of an issuer may be on their way.
struct Verdict {
    Reason reason = Reason::kNone;
    bool waits = false;
    size_t issuer = 0;
    uint64_t round = 0;
};

class Instance {
public:
    Instance(const wse_host *host, const Config &config)
        : host_(host), config_(config), lanes_(host) {}

    std::string load();
    std::string start(wse_loop *loop);
    void stop(wse_loop *loop, wse_stop_token *token);
    int32_t authenticate(wse_loop *loop, const wse_auth_request &request, wse_auth_token *token);
    void cancel(wse_loop *loop, wse_auth_token *token);

private:
    Verdict judge(Lane &lane, std::string_view text) const;
    Reason judge_configured(Lane &lane, const Header &header) const;
    Verdict judge_issued(Lane &lane, const Header &header) const;
    bool hold(Lane &lane, wse_loop *loop, std::string_view text, wse_auth_token *token,
              const Verdict &verdict);
    void hear(wse_loop *loop);
    void answer(const Lane &lane, wse_auth_token *token, Reason reason);

    const wse_host *host_;
    const Config &config_;
    Keyring keyring_;                   // the keys of the configuration, or
    std::unique_ptr<Issuers> issuers_;  // those whose keys come from elsewhere
    abi::Lanes<Lane> lanes_;
    uint32_t counters_[kReasonCount] = {};
};

std::string Instance::load() {
    std::string problem = option_problem(config_);
    for (size_t i = 0; problem.empty() && i < kReasonCount; ++i) {
        if (host_->stat(host_, kReasons[i].counter, kReasons[i].help, &counters_[i]) != WSE_OK)
            problem = std::string("the server takes no counter ") + kReasons[i].counter;
    }
    if (!problem.empty()) return problem;
    if (!has_issuers(config_)) return keyring_.load(config_);
    issuers_ =
        std::make_unique<Issuers>(host_, config_, [this](wse_loop *loop) noexcept { hear(loop); });
    return issuers_->load();
}

std::string Instance::start(wse_loop *loop) {
    auto lane = std::make_unique<Lane>();
    if (issuers_) {
        lane->issuers = std::vector<SetVerifiers>(issuers_->count());
        issuers_->start(loop);
    } else if (!keyring_.make_verifiers(lane->verifiers)) {
        return std::string("OpenSSL cannot check ") + algorithm_of(config_).name + " signatures";
    }
    lanes_.put(loop, std::move(lane));
    return "";
}

void Instance::stop(wse_loop *loop, wse_stop_token *token) {
    if (const Lane *const lane = lanes_.of(loop)) {
        for (const Held &held : lane->held)
            host_->auth_done(host_, held.token, WSE_ECANCELED, nullptr);
    }
    lanes_.clear(loop);
    if (issuers_) return issuers_->stop(loop, token);
    host_->stop_done(host_, token);
}

Reason Instance::judge_configured(Lane &lane, const Header &header) const {
    const Parts &parts = lane.parts;
    const bool matches = !config_.key_id || header.key_id == config_.key_id;
    if (matches && lane.verifiers.current->verify(parts.signed_text, parts.signature))
        return Reason::kNone;
    if (lane.verifiers.previous &&
        lane.verifiers.previous->verify(parts.signed_text, parts.signature))
        return Reason::kNone;
    return matches ? Reason::kSignature : Reason::kKeyId;
}

Verdict Instance::judge_issued(Lane &lane, const Header &header) const {
    std::string issuer;
    if (!read_issuer(lane.parts.payload, issuer)) return {Reason::kMalformed};
    const std::optional<size_t> number = issuers_->find(issuer);
    if (!number) return {Reason::kIssuer};
    const Standing standing = issuers_->look(*number);
    Reason reason = standing.keys ? lane.issuers[*number].check(standing.keys, header, lane.parts)
                                  : Reason::kNoKeys;
    if (reason != Reason::kNoKeys && reason != Reason::kKeyId) return {reason};
    // An issuer that does not answer may have new keys: nobody knows that the token is bad.
    if (standing.is_coming || standing.has_failed) reason = Reason::kNoKeys;
    return {reason, standing.is_coming || standing.may_come, *number, standing.round};
}

// The cheap checks first; but for the issuer, by whose keys it must be signed, nothing of the
// payload is read before its signature was good.
Verdict Instance::judge(Lane &lane, std::string_view text) const {
    if (text.empty()) return {Reason::kMissing};
    if (text.size() > static_cast<size_t>(config_.max_token)) return {Reason::kTooLarge};
    if (!split_token(text, lane.parts)) return {Reason::kMalformed};
    Header header;
    const Reason reason = judge_header(config_, lane.parts.header, header);
    if (reason != Reason::kNone) return {reason};
    const Verdict signature =
        issuers_ ? judge_issued(lane, header) : Verdict{judge_configured(lane, header)};
    if (signature.reason != Reason::kNone) return signature;
    return {judge_claims(config_, lane.parts.payload, host_->now_ms(host_), lane.claims)};
}

int32_t Instance::authenticate(wse_loop *loop, const wse_auth_request &request,
                               wse_auth_token *token) {
    Lane *const lane = lanes_.of(loop);
    if (!lane) return WSE_EINVAL;
    const std::string_view text = abi::text_of(request.credential);
    Verdict verdict = judge(*lane, text);
    if (verdict.waits && lane->held.size() >= kMaxHeld) {
        verdict.reason = Reason::kNoKeys;
    } else if (verdict.waits) {
        if (hold(*lane, loop, text, token, verdict)) return WSE_OK;
        verdict = judge(*lane, text);  // the fetch has ended meanwhile
    }
    answer(*lane, token, verdict.reason);
    return WSE_OK;
}

// False: nothing is on its way any more.
bool Instance::hold(Lane &lane, wse_loop *loop, std::string_view text, wse_auth_token *token,
                    const Verdict &verdict) {
    lane.held.emplace_back(token, text, verdict.issuer, verdict.round);
    issuers_->listen(loop);  // before the question, whose answer may be quick
    if (issuers_->expect(verdict.issuer)) return true;
    lane.held.pop_back();
    return false;
}

// A fetch has ended. Each token is judged once more, with whatever keys there are now.
void Instance::hear(wse_loop *loop) {
    Lane *const lane = lanes_.of(loop);
    if (!lane || lane->held.empty()) return;
    issuers_->listen(loop);
    for (auto at = lane->held.begin(); at != lane->held.end();) {
        if (issuers_->look(at->issuer).round == at->round) {
            ++at;
            continue;
        }
        const int32_t status = abi::guarded([&] {
            answer(*lane, at->token, judge(*lane, at->text).reason);
            return WSE_OK;
        });
        if (status != WSE_OK) host_->auth_done(host_, at->token, status, nullptr);
        at = lane->held.erase(at);
    }
}

void Instance::answer(const Lane &lane, wse_auth_token *token, Reason reason) {
    host_->stat_add(host_, counters_[static_cast<size_t>(reason)], 1);
    if (reason != Reason::kNone) {
        // The reason alone: nothing that the client sent.
        char line[64];
        std::snprintf(line, sizeof line, "token.refused reason=%s",
                      kReasons[static_cast<size_t>(reason)].word);
        host_->log(host_, WSE_LOG_DEBUG, line);
        host_->auth_done(host_, token, reason == Reason::kNoKeys ? WSE_EAGAIN : WSE_EDENIED,
                         nullptr);
        return;
    }
    const wse_auth_result result = {
        .struct_size = sizeof result,
        .reserved = 0,
        .user = abi::bytes_of(lane.claims.user),
        .claims = abi::bytes_of(lane.parts.payload),
        .expires_ms = lane.claims.expires_ms,
    };
    host_->auth_done(host_, token, WSE_OK, &result);
}

void Instance::cancel(wse_loop *loop, wse_auth_token *token) {
    Lane *const lane = lanes_.of(loop);
    if (!lane) return;
    const auto is_it = [token](const Held &held) { return held.token == token; };
    const auto at = std::find_if(lane->held.begin(), lane->held.end(), is_it);
    if (at == lane->held.end()) return;
    lane->held.erase(at);
    host_->auth_done(host_, token, WSE_ECANCELED, nullptr);
}

std::string config_problem(const Config &config) {
    std::string problem = option_problem(config);
    if (!problem.empty()) return problem;
    return has_issuers(config) ? issuers_problem(config) : Keyring().load(config);
}

int32_t check(const void *config, wse_error *error) noexcept {
    return abi::guarded(
        [&] { return abi::report(config_problem(*static_cast<const Config *>(config)), error); });
}

int32_t authenticate(void *self, wse_loop *loop, const wse_auth_request *request,
                     wse_auth_token *token) noexcept {
    return abi::guarded(
        [&] { return static_cast<Instance *>(self)->authenticate(loop, *request, token); });
}

void cancel(void *self, wse_loop *loop, wse_auth_token *token) noexcept {
    static_cast<Instance *>(self)->cancel(loop, token);
}

// Rights are the server's.
const wse_auth_ops kOps = {sizeof kOps, 0, authenticate, cancel, nullptr};

using Class = abi::Lifecycle<Instance, Config>;

}  // namespace
}  // namespace wse::auth_jwt

const wse_module_def wse_module = {
    WSE_MODULE(WSE_KIND_AUTH, 0),
    "auth_jwt",
    "1.0",
    wse::auth_jwt::kOptions,
    sizeof(wse_option),
    sizeof(wse::auth_jwt::Config),
    &wse::auth_jwt::kOps,
    wse::auth_jwt::check,
    wse::auth_jwt::Class::create,
    wse::auth_jwt::Class::start,
    wse::auth_jwt::Class::stop,
    wse::auth_jwt::Class::destroy,
};
