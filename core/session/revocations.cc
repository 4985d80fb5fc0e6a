// SPDX-License-Identifier: MIT
#include "session/revocations.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/json.h"
#include "base/json_scan.h"

namespace wse::session {
namespace {

constexpr double kMaxSeconds = 1e11;  // some thousand years: beyond, it is no date

bool is_about_time(const Revocation &revocation, const TokenFacts &token) {
    return !token.issued_ms || *token.issued_ms <= revocation.issued_before_ms;
}

}  // namespace

TokenFacts token_facts(std::string_view claims) {
    TokenFacts facts;
    if (const auto id = JsonDocument::parse(find_json_member(claims, "jti")))
        facts.id = id->root().string().value_or("");
    if (const auto issued = JsonDocument::parse(find_json_member(claims, "iat"))) {
        const auto seconds = issued->root().number();
        if (seconds && *seconds >= 0 && *seconds < kMaxSeconds)
            facts.issued_ms = static_cast<uint64_t>(std::floor(*seconds * 1000));
    }
    return facts;
}

bool Revocation::covers(const module::Identity &identity) const {
    const TokenFacts facts = token_facts(identity.claims);
    if (!token.empty()) return facts.id == token;
    return user == identity.user && is_about_time(*this, facts);
}

Result<void> Revocations::add(Revocation revocation, uint64_t wall_ms) {
    const std::lock_guard lock(mutex_);
    const bool by_user = revocation.token.empty();
    Index &index = by_user ? users_ : tokens_;
    const std::string name = by_user ? revocation.user : revocation.token;
    const auto known = index.find(name);
    if (known == index.end() && users_.size() + tokens_.size() >= limit_) {
        forget_old(wall_ms);
        if (users_.size() + tokens_.size() >= limit_) {
            return Error{WSE_ETOOBIG, "there are " + std::to_string(limit_) +
                                          " revocations (limits.revocations)"};
        }
    }
    if (known != index.end()) {
        revocation.issued_before_ms =
            std::max(revocation.issued_before_ms, known->second.issued_before_ms);
    }
    index.insert_or_assign(name, std::move(revocation));
    return {};
}

void Revocations::remove(const Revocation &revocation) {
    const std::lock_guard lock(mutex_);
    revocation.token.empty() ? users_.erase(revocation.user) : tokens_.erase(revocation.token);
}

bool Revocations::covers(const module::Identity &identity, uint64_t wall_ms) const {
    const std::lock_guard lock(mutex_);
    // Nothing is revoked, mostly, and then the claims are not looked at.
    if (users_.empty() && tokens_.empty()) return false;
    const TokenFacts facts = token_facts(identity.claims);
    const auto user = users_.find(identity.user);
    if (user != users_.end() && !is_old(user->second, wall_ms) &&
        is_about_time(user->second, facts))
        return true;
    const auto token = facts.id.empty() ? tokens_.end() : tokens_.find(facts.id);
    return token != tokens_.end() && !is_old(token->second, wall_ms);
}

std::vector<Revocation> Revocations::list(uint64_t wall_ms) const {
    const std::lock_guard lock(mutex_);
    std::vector<Revocation> all;
    for (const Index *index : {&users_, &tokens_}) {
        for (const auto &[name, revocation] : *index) {
            if (!is_old(revocation, wall_ms)) all.push_back(revocation);
        }
    }
    std::sort(all.begin(), all.end(), [](const Revocation &a, const Revocation &b) {
        return std::tie(a.made_ms, a.user, a.token) < std::tie(b.made_ms, b.user, b.token);
    });
    return all;
}

void Revocations::forget_old(uint64_t wall_ms) {
    for (Index *index : {&users_, &tokens_})
        std::erase_if(*index, [&](const auto &each) { return is_old(each.second, wall_ms); });
}

}  // namespace wse::session
