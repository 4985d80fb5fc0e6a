// SPDX-License-Identifier: MIT
// auth_jwt: lets in who brings a JSON Web Token (RFC 7519) signed with the configured key.
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <wse/module.h>

#include "abi/module_class.h"
#include "claims.h"
#include "keyring.h"
#include "options.h"
#include "reason.h"
#include "token.h"

namespace wse::auth_jwt {
namespace {

// What one loop needs for itself, so that no question takes a lock.
struct Lane {
    Verifiers verifiers;
    Parts parts;
    Claims claims;
};

class Instance {
public:
    Instance(const wse_host *host, const Config &config)
        : host_(host), config_(config), lanes_(host->loop_count) {}

    std::string load();
    std::string start(wse_loop *loop);
    void stop(wse_loop *loop, wse_stop_token *token);
    int32_t authenticate(wse_loop *loop, const wse_auth_request &request, wse_auth_token *token);

private:
    Reason judge(Lane &lane, std::string_view text) const;
    bool signature_is_good(Lane &lane, bool key_id_matches) const;

    const wse_host *host_;
    const Config &config_;
    Keyring keyring_;
    std::vector<std::unique_ptr<Lane>> lanes_;  // by loop index
    uint32_t counters_[kReasonCount] = {};
};

std::string Instance::load() {
    std::string problem = keyring_.load(config_);
    for (size_t i = 0; problem.empty() && i < kReasonCount; ++i) {
        if (host_->stat(host_, kReasons[i].counter, kReasons[i].help, &counters_[i]) != WSE_OK)
            problem = std::string("the server takes no counter ") + kReasons[i].counter;
    }
    return problem;
}

std::string Instance::start(wse_loop *loop) {
    auto lane = std::make_unique<Lane>();
    if (!keyring_.make_verifiers(lane->verifiers))
        return std::string("OpenSSL cannot check ") + algorithm_of(config_).name + " signatures";
    lanes_[host_->loop_index(host_, loop)] = std::move(lane);
    return "";
}

void Instance::stop(wse_loop *loop, wse_stop_token *token) {
    lanes_[host_->loop_index(host_, loop)].reset();
    host_->stop_done(host_, token);
}

bool Instance::signature_is_good(Lane &lane, bool key_id_matches) const {
    const Parts &parts = lane.parts;
    if (key_id_matches && lane.verifiers.current->verify(parts.signed_text, parts.signature))
        return true;
    return lane.verifiers.previous &&
           lane.verifiers.previous->verify(parts.signed_text, parts.signature);
}

// The cheap checks first; nothing of the payload is read before its signature was good.
Reason Instance::judge(Lane &lane, std::string_view text) const {
    if (text.empty()) return Reason::kMissing;
    if (text.size() > static_cast<size_t>(config_.max_token)) return Reason::kTooLarge;
    if (!split_token(text, lane.parts)) return Reason::kMalformed;
    Header header;
    const Reason reason = judge_header(config_, lane.parts.header, header);
    if (reason != Reason::kNone) return reason;
    if (!signature_is_good(lane, header.key_id_matches))
        return header.key_id_matches ? Reason::kSignature : Reason::kKeyId;
    return judge_claims(config_, lane.parts.payload, host_->now_ms(host_), lane.claims);
}

int32_t Instance::authenticate(wse_loop *loop, const wse_auth_request &request,
                               wse_auth_token *token) {
    Lane *lane = lanes_[host_->loop_index(host_, loop)].get();
    if (!lane) return WSE_EINVAL;
    const std::string_view text(static_cast<const char *>(request.credential.data),
                                request.credential.len);
    const Reason reason = judge(*lane, text);
    host_->stat_add(host_, counters_[static_cast<size_t>(reason)], 1);
    if (reason != Reason::kNone) {
        // The reason alone: nothing that the client sent.
        char line[64];
        std::snprintf(line, sizeof line, "token.refused reason=%s",
                      kReasons[static_cast<size_t>(reason)].word);
        host_->log(host_, WSE_LOG_DEBUG, line);
        host_->auth_done(host_, token, WSE_EDENIED, nullptr);
        return WSE_OK;
    }
    const wse_auth_result result = {
        .struct_size = sizeof result,
        .reserved = 0,
        .user = {lane->claims.user.data(), lane->claims.user.size()},
        .claims = {lane->parts.payload.data(), lane->parts.payload.size()},
        .expires_ms = lane->claims.expires_ms,
    };
    host_->auth_done(host_, token, WSE_OK, &result);
    return WSE_OK;
}

int32_t check(const void *config, wse_error *error) noexcept {
    return abi::guarded(
        [&] { return abi::report(Keyring().load(*static_cast<const Config *>(config)), error); });
}

int32_t authenticate(void *self, wse_loop *loop, const wse_auth_request *request,
                     wse_auth_token *token) noexcept {
    return abi::guarded(
        [&] { return static_cast<Instance *>(self)->authenticate(loop, *request, token); });
}

// Answers come inside the question, so there is nothing to cancel; rights are the server's.
const wse_auth_ops kOps = {sizeof kOps, 0, authenticate, nullptr, nullptr};

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
