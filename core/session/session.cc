// SPDX-License-Identifier: MIT
#include "session/session.h"

#include <algorithm>
#include <map>

#include "base/log.h"
#include "base/utf8.h"
#include "base/version.h"
#include "proto/codes.h"
#include "session/request_fields.h"
#include "session/sealing.h"

namespace wse::session {
namespace {

constexpr uint64_t kGateMs = 1000;
constexpr uint64_t kSecondLookMs = 100;
// 1.x clients that have had one ping count on the next within 40 seconds, and on none otherwise.
constexpr uint64_t kOldPingMs = 30'000;

bool has_transform(const Transforms &transforms, module::Layer layer) {
    return std::any_of(transforms.begin(), transforms.end(),
                       [&](const auto &one) { return one->layer() == layer; });
}

// Topics that a client may ask for in a second: all it may have, and what a page opens. Four times
// that in a burst.
uint64_t topics_per_second(const config::Limits &limits) {
    return std::max<uint64_t>(limits.max_subscriptions, 1000);
}

// The ?topics= parameter: names joined by commas, decoded before they are split. What is no text
// could not even be refused by name.
std::vector<std::string> split_topics(std::string_view list, size_t limit) {
    std::vector<std::string> topics;
    while (!list.empty() && topics.size() < limit) {
        const size_t end = std::min(list.find(','), list.size());
        const std::string_view topic = list.substr(0, end);
        if (end > 0 && is_utf8(topic)) topics.emplace_back(topic);
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return topics;
}

}  // namespace

Session::Session(Context &context, GenerationRef generation, size_t listener,
                 net::Connection &connection, const net::RequestHead &head)
    : context_(context),
      generation_(std::move(generation)),
      listen_(settings().listeners[listener]),
      authenticator_(generation_->authenticators[listener]),
      connection_(connection),
      serial_(++context.last_serial),
      connected_ms_(context.clock.wall_ms()),
      client_version_(proto::plain_label(query_value(head.query, "client_version"))),
      query_(query_object(head.query)),
      wire_(generation_->transforms, context.variants, proto::dialect_of(client_version_)),
      query_topics_(
          split_topics(query_value(head.query, "topics"), settings().limits.max_subscriptions)),
      rate_(settings().limits.rate_capacity, settings().limits.rate_refill,
            context.timers.now_ms()),
      topic_rate_(4 * topics_per_second(settings().limits), topics_per_second(settings().limits),
                  context.timers.now_ms()),
      last_activity_ms_(context.timers.now_ms()),
      deadline_([this] { on_deadline(); }),
      heartbeat_([this] { on_heartbeat(); }) {
    context_.sessions.emplace(serial_, this);
    authenticate(head);
}

Session::~Session() {
    context_.sessions.erase(serial_);
    const auto [first, last] = context_.users.equal_range(identity_.user);
    const auto mine = std::find_if(first, last, [this](const auto &e) { return e.second == this; });
    if (mine != last) context_.users.erase(mine);
}

void Session::authenticate(const net::RequestHead &head) {
    const FoundCredential found = find_credential(head, listen_);
    const bool has_credential = found.source != module::Credential::kNone;
    connection_.pause_reading();
    // Without anybody to ask, a token says nothing, and is not held against an anonymous client.
    if (listen_.anonymous && (!authenticator_ || !has_credential)) {
        keep_cookie(head);
        return on_identity(module::Identity{}, false);
    }
    // wsed checks at the start that this does not happen.
    if (!authenticator_) return on_identity(Error{WSE_EDENIED, "no auth module"}, has_credential);
    const module::AuthRequest request{
        .source = found.source,
        .credential = found.text,
        .peer_ip = connection_.peer().ip,
        .listener = listen_.name,
        .deadline_ms = settings().limits.auth_timeout_ms,
        .subject = connection_.peer().subject,
        .header = [&head](std::string_view name) { return head.header(name); },
    };
    pending_auth_ = authenticator_->authenticate(
        request, [this, has_credential](Result<module::Identity> answer) {
            on_identity(std::move(answer), has_credential);
        });
}

void Session::on_identity(Result<module::Identity> answer, bool had_credential) {
    if (!answer) {
        const wse_status status = answer.error().status;
        if (status == WSE_ETIMEDOUT) context_.counters.add(Counter::auth_timeouts);
        if (cannot_tell(status)) return refuse_for_now();
        return had_credential ? refuse(proto::error::kAuthFailed, "Authentication failed")
                              : refuse(proto::error::kAuthRequired, "Authentication required");
    }
    identity_ = std::move(*answer);
    auto token_topics = parse_token_topics(identity_.claims);
    if (!token_topics) {
        log::info("session", "session.claims_malformed",
                  {{"conn", id()}, {"user", identity_.user}, {"error", token_topics.error().text}});
        return refuse(proto::error::kAuthFailed, "Authentication failed");
    }
    if (is_revoked(identity_)) return refuse(proto::error::kAuthFailed, "Authentication failed");
    if (context_.apps && context_.apps->is_full()) return refuse_busy();
    rights_ = std::make_unique<Rights>(settings().topics, identity_, std::move(*token_topics),
                                       authenticator_);
    share_rates();
    set_notice();
    greet();
}

void Session::refuse(std::string_view code, std::string_view text) {
    // 101, an error, then 4401: the only outcome that clients take as final (rule M5). The text
    // says nothing about why; the module's counters and log do.
    context_.counters.add(Counter::auth_failures);
    log::info("session", "session.refused",
              {{"conn", id()}, {"ip", connection_.peer().ip}, {"code", code}});
    observe(WSE_OBSERVE_REFUSED, {}, code);
    send_error({.code = code, .text = text, .recoverable = false});
    close(proto::close::kUnauthenticated, text);
}

// The module is overloaded, stuck, broken or stopping: that says nothing about the token, and 4401
// would make clients throw it away and stay out.
void Session::refuse_for_now() {
    log::warn("session", "session.auth_unavailable",
              {{"conn", id()},
               {"ip", connection_.peer().ip},
               {"module", authenticator_->instance_name()}});
    observe(WSE_OBSERVE_REFUSED, {}, proto::error::kUnavailable);
    constexpr std::string_view kText = "Authentication is not available; try again in a moment";
    send_error({.code = proto::error::kUnavailable, .text = kText, .retry_after = true});
    close(proto::close::kTryAgain, kText);
}

proto::Greeting Session::greeting() const {
    const auto &limits = settings().limits;
    return {.connection_id = connection_.id(),
            .user = identity_.user,
            .server_version = kVersion,
            .wall_ms = context_.clock.wall_ms(),
            .max_message_size = limits.max_message_size,
            .rate_capacity = limits.rate_capacity,
            .rate_refill = limits.rate_refill,
            .ping_interval_ms = settings().keepalive.heartbeat_interval_ms,
            .compression = has_transform(generation_->transforms, module::Layer::kCompression),
            .encryption = has_transform(generation_->transforms, module::Layer::kCipher),
            .dated = !wire_.prefixed()};
}

void Session::greet() {
    state_ = State::kGateClosed;
    if (!identity_.user.empty()) context_.users.emplace(identity_.user, this);
    context_.counters.add(Counter::sessions_opened);
    log::info("session", "session.open",
              {{"conn", id()},
               {"user", identity_.user},
               {"ip", connection_.peer().ip},
               {"listener", listen_.name}});
    observe(WSE_OBSERVE_OPEN, {}, {});
    open_line();
    send_bare(proto::server_ready(greeting()));
    context_.timers.schedule(deadline_, kGateMs);
    context_.timers.schedule(heartbeat_, settings().keepalive.heartbeat_interval_ms);
    connection_.resume_reading();
}

void Session::open_gate() {
    state_ = State::kOpen;
    if (!said_hello_) open_wire({});
    std::vector<std::string> own;
    for (const auto &pattern : listen_.subscribe) {
        const bool needs_user = pattern.find("{sub}") != std::string::npos;
        if (!needs_user || !identity_.user.empty())
            own.push_back(substitute_user(pattern, identity_.user));
    }
    if (!own.empty()) subscribe(std::move(own));
    run_waiting();
    for (const auto &text : std::exchange(held_, {})) {
        if (state_ == State::kOpen) handle(text, Cover::kHeld);
    }
    held_bytes_ = 0;
    // 1.x clients count on the list in the URL.
    if (wire_.prefixed() && state_ == State::kOpen && !query_topics_.empty())
        subscribe(std::exchange(query_topics_, {}));
}

void Session::on_deadline() {
    if (state_ == State::kGateClosed) {
        open_gate();
    }
    // One second without an explicit subscribe: now the list in the URL counts.
    if (state_ == State::kOpen && !query_topics_.empty())
        subscribe(std::exchange(query_topics_, {}));
    watch_expiry();
}

void Session::on_heartbeat() {
    const auto &keepalive = settings().keepalive;
    if (context_.timers.now_ms() - last_activity_ms_ >= keepalive.idle_timeout_ms) {
        // If it was us who stood still, what the client sent meanwhile is read before the second
        // look.
        if (!std::exchange(seems_idle_, true))
            return context_.timers.schedule(heartbeat_, kSecondLookMs);
        context_.counters.add(Counter::idle_closed);
        return close(proto::close::kIdle, "idle");
    }
    // The wall clock may have jumped over the expiry that the deadline waits for.
    if (identity_.expires_ms != 0 && context_.clock.wall_ms() >= identity_.expires_ms)
        return expire();
    if (!shorten_queue()) return on_overflow();
    const uint64_t now = context_.clock.wall_ms();
    if (!wire_.prefixed())
        send_bare(proto::ping(now));
    else if (keepalive.heartbeat_interval_ms <= kOldPingMs)
        send_bare(proto::old_ping(now));
    context_.timers.schedule(heartbeat_, keepalive.heartbeat_interval_ms);
}

void Session::on_activity() {
    last_activity_ms_ = context_.timers.now_ms();
    seems_idle_ = false;
}

void Session::close(uint16_t code, std::string_view reason) {
    end(code, reason, true);
}

// `flush`: what waits is sent before; for a client that does not read, nothing is.
void Session::end(uint16_t code, std::string_view reason, bool flush) {
    if (state_ == State::kClosed) return;
    if (flush) (void)flush_batch();
    state_ = State::kClosed;
    deadline_.cancel();
    heartbeat_.cancel();
    pending_auth_.reset();
    pending_refresh_.reset();
    // As far as the socket takes it: behind a message that is missing, none may come.
    bool takes_more = flush && lag_ && !is_quiet();
    while (takes_more && !lag_->backlog.empty()) takes_more = put(lag_->backlog.pop());
    leave_all();
    give_up_waiting();
    connection_.close(code, reason);
    // Reading goes on to find the peer's close frame.
    connection_.resume_reading();
}

void Session::on_closed(const net::CloseReason &reason) {
    state_ = State::kClosed;
    pending_auth_.reset();
    pending_refresh_.reset();
    deadline_.cancel();
    heartbeat_.cancel();
    leave_all();
    give_up_waiting();
    close_line(reason);
    if (!rights_) return;  // it never opened
    observe_unanswered();
    const uint64_t now = context_.clock.wall_ms();
    log::info("session", "session.close",
              {{"conn", id()},
               {"user", identity_.user},
               {"code", reason.code},
               {"by", reason.by_peer ? "client" : "server"},
               {"reason", reason.text},
               {"seconds", now > connected_ms_ ? (now - connected_ms_) / 1000 : 0}});
    observe(WSE_OBSERVE_CLOSE, {}, reason.text, reason.code);
}

void Session::observe(uint32_t event, std::string_view topic, std::string_view detail,
                      uint64_t number) const {
    if (!context_.observes(event)) return;
    context_.observations->add({.event = event,
                                .time_ms = context_.clock.wall_ms(),
                                .connection = id(),
                                .user = identity_.user,
                                .peer = connection_.peer().ip,
                                .listener = listen_.name,
                                .topic = topic,
                                .detail = detail,
                                .number = number});
}

void Session::observe_publish(const PendingPublish &publish) const {
    observe(WSE_OBSERVE_PUBLISH, publish.topic, publish.type, publish.bytes);
}

// Publishes that the hub has, and whose sender will not be there when it answers.
void Session::observe_unanswered() {
    const auto unanswered = std::exchange(pending_publishes_, {});
    if (!context_.observes(WSE_OBSERVE_PUBLISH)) return;
    const std::map<uint64_t, PendingPublish> in_order(unanswered.begin(), unanswered.end());
    for (const auto &[request, publish] : in_order) observe_publish(publish);
}

SessionRow Session::row() const {
    static constexpr const char *kStates[] = {"authenticating", "greeting", "open", "closing"};
    SessionRow row{.id = connection_.id(),
                   .user = identity_.user,
                   .ip = connection_.peer().ip,
                   .listener = listen_.name,
                   .state = kStates[static_cast<size_t>(state_)],
                   .client_version = client_version_,
                   .port = connection_.peer().port,
                   .connected_ms = connected_ms_,
                   .expires_ms = identity_.expires_ms,
                   .idle_ms = context_.timers.now_ms() - last_activity_ms_,
                   .queued_bytes = queued_bytes(),
                   .messages_in = messages_in_,
                   .messages_out = messages_out_,
                   .subscriptions = 0};
    row.subscriptions =
        static_cast<size_t>(std::count_if(subscriptions_.begin(), subscriptions_.end(),
                                          [](const auto &entry) { return entry.second.active; }));
    if (lag_) {
        row.behind = lag_->behind.size() + lag_->held.size();
        row.dropped = lag_->dropped;
    }
    return row;
}

}  // namespace wse::session
