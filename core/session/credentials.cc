// SPDX-License-Identifier: MIT
// A session's token: the notice before it ends, its end, another one in its place, its revocation.
#include "proto/credentials.h"

#include <algorithm>

#include "base/glob.h"
#include "base/log.h"
#include "proto/codes.h"
#include "session/session.h"
#include "session/shared.h"

namespace wse::session {
namespace {

constexpr uint64_t kNoticeMs = 60'000;  // before the end; of a shorter life, its half

}  // namespace

// An auth module's status that is no verdict on the credential.
bool Session::cannot_tell(wse_status status) {
    return status == WSE_ETIMEDOUT || status == WSE_EAGAIN || status == WSE_ECANCELED ||
           status == WSE_EIO;
}

// Those of the client's features that change what the server sends.
void Session::note_features(const proto::ClientMessage &message) {
    wants_expiry_ = proto::hello_refreshes(message.payload);
    // Before that the deadline is the gate's, which comes here, too.
    if (state_ == State::kOpen && query_topics_.empty()) watch_expiry();
}

// Waits for the next thing to do about the token's end.
void Session::watch_expiry() {
    if (state_ == State::kClosed || identity_.expires_ms == 0) return;
    const uint64_t now = context_.clock.wall_ms();
    if (now >= identity_.expires_ms) return expire();
    if (wants_expiry_ && expiry_told_ms_ != 0 && now >= expiry_told_ms_) {
        expiry_told_ms_ = 0;
        send(proto::auth_expiring(identity_.expires_ms));
        if (state_ == State::kClosed) return;
    }
    const bool tells = wants_expiry_ && expiry_told_ms_ != 0;
    context_.timers.schedule(deadline_, (tells ? expiry_told_ms_ : identity_.expires_ms) - now);
}

void Session::set_notice() {
    const uint64_t now = context_.clock.wall_ms();
    const uint64_t left = identity_.expires_ms > now ? identity_.expires_ms - now : 0;
    expiry_told_ms_ = left == 0 ? 0 : identity_.expires_ms - std::min(kNoticeMs, left / 2);
}

void Session::expire() {
    context_.counters.add(Counter::sessions_expired);
    close(proto::close::kUnauthenticated, "token expired");
}

void Session::on_auth_refresh(const proto::ClientMessage &message) {
    const auto refuse_it = [&](std::string_view code, std::string_view text, bool later) {
        send_error({.code = code, .text = text, .request_id = message.id, .retry_after = later});
    };
    const auto token = proto::refresh_token(message.payload);
    if (!token) return refuse_it(proto::error::kInvalidMessage, token.error().text, false);
    if (pending_refresh_)
        return refuse_it(proto::error::kRateLimited, "another token is being looked at", true);
    // A session without a user stays one.
    if (!authenticator_ || identity_.user.empty())
        return refuse_it(proto::error::kAuthFailed, "this session has no token to replace", false);
    const module::AuthRequest request{
        .source = module::Credential::kBearer,
        .credential = *token,
        .peer_ip = connection_.peer().ip,
        .listener = listen_.name,
        .deadline_ms = settings().limits.auth_timeout_ms,
        .subject = connection_.peer().subject,
        .header = [](std::string_view) { return std::string_view(); },
    };
    pending_refresh_ = authenticator_->authenticate(
        request, [this, id = message.id](Result<module::Identity> answer) {
            on_refreshed(id, std::move(answer));
        });
}

void Session::on_refreshed(const std::string &request, Result<module::Identity> answer) {
    pending_refresh_.reset();
    if (state_ == State::kClosed) return;
    if (!answer && cannot_tell(answer.error().status)) {
        if (answer.error().status == WSE_ETIMEDOUT) context_.counters.add(Counter::auth_timeouts);
        return send_error({.code = proto::error::kUnavailable,
                           .text = "authentication is not available; try again in a moment",
                           .request_id = request,
                           .retry_after = true});
    }
    if (!answer || !take_over(std::move(*answer))) {
        context_.counters.add(Counter::auth_failures);
        log::info("session", "session.refresh_refused", {{"conn", id()}, {"user", identity_.user}});
        return send_error({.code = proto::error::kAuthFailed,
                           .text = "the token was refused; the one before it stays in force",
                           .request_id = request});
    }
    context_.counters.add(Counter::auth_refreshed);
    log::info("session", "session.refreshed", {{"conn", id()}, {"user", identity_.user}});
    give_up_denied();
    send(proto::auth_refreshed(identity_.expires_ms));
    // The deadline may still be the gate's, whose second also starts the topics of the URL.
    if (state_ == State::kOpen && query_topics_.empty()) watch_expiry();
}

// An error leaves the session as it was.
Result<void> Session::take_over(module::Identity identity) {
    if (identity.user != identity_.user) return Error{WSE_EDENIED, "of another user"};
    if (is_revoked(identity)) return Error{WSE_EDENIED, "revoked"};
    auto token_topics = parse_token_topics(identity.claims);
    if (!token_topics) return token_topics.error();
    // The user's name stays where it is: others borrow it.
    identity_.claims = std::move(identity.claims);
    identity_.expires_ms = identity.expires_ms;
    auto rights = std::make_unique<Rights>(settings().topics, identity_, std::move(*token_topics),
                                           authenticator_);
    rights->take_over(*rights_);
    rights_ = std::move(rights);
    verdicts_.reset();
    set_notice();
    return {};
}

// Leaves the topics that the new token does not grant, and says which.
void Session::give_up_denied() {
    std::vector<std::string> denied, waiting;
    for (const auto &[name, subscription] : subscriptions_) {
        const bool may = is_pattern(name) ? rights_->may_subscribe_pattern(name)
                                          : rights_->may(module::Action::kSubscribe, name);
        if (!may) denied.push_back(name);
    }
    // What waits for a state, or to be replayed, also of topics that only a pattern brings.
    if (lag_) {
        for (const auto &[topic, held] : lag_->held) {
            if (!may_receive(topic)) waiting.push_back(topic);
        }
        std::erase_if(lag_->behind, [&](const auto &each) { return !may_receive(each.first); });
    }
    for (const auto &topic : waiting) forget_held(topic);
    withdraw_denied();
    hub::Unsubscribe command{context_.loop, serial_, {}};
    for (const auto &topic : denied) leave(topic, command);
    if (!command.topics.empty()) context_.hub.unsubscribe(std::move(command));
    std::sort(denied.begin(), denied.end());
    refuse_topics(denied, "not allowed any more");
}

// What waits for the client to read. What has been gathered goes there first, when it goes there.
void Session::withdraw_denied() {
    if (!flush_batch()) return on_overflow();
    if (!lag_) return;
    lag_->backlog.withdraw_if([this](const proto::Message &message) {
        // An operator's message to the client has a type, but neither a topic nor a place in it.
        const bool is_direct = message.position.offset == 0 && !message.publication.type.empty();
        return !is_direct && !may_receive(message.publication.topic);
    });
}

bool Session::is_revoked(const module::Identity &identity) const {
    if (!context_.shared) return false;
    const bool revoked = context_.shared->revocations.covers(identity, context_.clock.wall_ms());
    if (revoked) context_.counters.add(Counter::auth_revoked);
    return revoked;
}

bool Session::close_revoked(const Revocation &revocation) {
    if (!rights_ || state_ == State::kClosed || !revocation.covers(identity_)) return false;
    context_.counters.add(Counter::sessions_revoked);
    log::info("session", "session.revoked", {{"conn", id()}, {"user", identity_.user}});
    close(proto::close::kUnauthenticated, "token revoked");
    return true;
}

}  // namespace wse::session
