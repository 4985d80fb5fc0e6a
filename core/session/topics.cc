// SPDX-License-Identifier: MIT
// A session's subscriptions: asked of the hub, active once it has answered, then acknowledged, so
// that a client sees its ack before the first live message (rule M7).
#include <algorithm>
#include <iterator>
#include <unordered_set>

#include "base/glob.h"
#include "base/json_scan.h"
#include "base/utf8.h"
#include "session/session.h"

namespace wse::session {
namespace {

// Names in one ack, and 32 bytes for each: what the ack makes of them stays well below the largest
// frame (rule M15), whatever has to be escaped.
constexpr size_t kPartBytes = size_t{64} << 10;

// Takes from the front of `rest` what one ack can answer.
std::span<const std::string> take_part(std::span<const std::string> &rest) {
    size_t count = 0;
    for (size_t bytes = 0; count < rest.size() && bytes < kPartBytes; ++count)
        bytes += rest[count].size() + 32;
    const auto part = rest.first(count);
    rest = rest.subspan(count);
    return part;
}

constexpr uint64_t kPatternCost = 4;  // as many topics it counts for

// What an ack may tell of positions beside its names, likewise.
constexpr size_t kRecoveryBytes = size_t{128} << 10;

bool are_usable_params(std::string_view params) {
    return params.empty() || (params.front() == '{' && params.size() <= kMaxSnapshotParams &&
                              !has_half_surrogate_pair(params));
}

SnapshotParamsRef params_of(const proto::SubscriptionRequest &request) {
    if (request.params.empty()) return {};
    return make_ref<SnapshotParams>(std::string(request.params));
}

}  // namespace

// Each once, in their order: a topic is not to work and to fail in one answer.
std::vector<std::string> Session::without_repeats(const std::vector<std::string> &topics) {
    std::unordered_set<std::string_view> seen;
    std::vector<std::string> once;
    std::copy_if(topics.begin(), topics.end(), std::back_inserter(once),
                 [&](const std::string &topic) { return seen.insert(topic).second; });
    return once;
}

// A long list is acknowledged in several parts: clients take topic by topic what an ack says.
void Session::subscribe(const proto::SubscriptionRequest &request, const Refusals &refused,
                        const SubscribeReportRef &report) {
    std::vector<proto::FailedTopic> failed;
    for (const auto &item : request.unreadable) failed.push_back({item, "not the name of a topic"});
    const SnapshotParamsRef params = params_of(request);
    const size_t most = settings().limits.max_topics_per_request;
    const std::vector<std::string> wanted = without_repeats(request.topics);
    std::span<const std::string> rest(wanted);
    std::span<const std::string> topics = rest.first(std::min(most, rest.size()));
    rest = rest.subspan(topics.size());
    const Result<FilterRef> filter = find_filter(request);
    do {
        PendingSubscribe pending{.ack = {.action = "subscribe", .failed = std::move(failed)},
                                 .recover = request.recover,
                                 .group = request.queue_group,
                                 .filter = filter ? *filter : FilterRef(),
                                 .params = params,
                                 .message_id = arrival_.message ? arrival_.message->id : "",
                                 .report = report};
        failed.clear();
        subscribe_part(take_part(topics), request, filter, refused, std::move(pending));
    } while (!topics.empty() && state_ == State::kOpen);
    if (rest.empty()) return;
    context_.counters.add(Counter::topics_over_limit, rest.size());
    const std::string reason = "more than " + std::to_string(most) +
                               " topics in one request (limits.max_topics_per_request)";
    refuse_topics(rest, reason);
    if (!report) return;
    proto::SubscriptionAck beyond;
    for (const auto &topic : rest) beyond.failed.push_back({topic, reason});
    report->add(beyond);
}

// Topics that the session does not have, or has no more, in as many acks as they need.
void Session::refuse_topics(std::span<const std::string> topics, const std::string &reason) {
    while (!topics.empty() && state_ == State::kOpen) {
        proto::SubscriptionAck ack{.action = "subscribe"};
        for (const auto &topic : take_part(topics)) {
            const auto shown = utf8_prefix(topic, settings().limits.max_topic_length);
            ack.failed.push_back({std::string(shown), reason});
        }
        send(proto::subscription_ack(ack));
    }
}

void Session::subscribe_part(std::span<const std::string> topics,
                             const proto::SubscriptionRequest &wish,
                             const Result<FilterRef> &filter, const Refusals &refused,
                             PendingSubscribe pending) {
    const uint64_t request = ++last_request_;
    hub::Subscribe command{.origin = {context_.loop, serial_, request},
                           .topics = {},
                           .known = {},
                           .user = identity_.user,
                           .presence = std::string(wish.presence),
                           .roster = wish.roster};
    for (const auto &topic : topics) {
        const auto why = refused.find(topic);
        Result<void> allowed = why == refused.end()
                                   ? check_subscribe(topic, wish, static_cast<bool>(pending.report))
                                   : Result<void>(why->second);
        if (allowed && !filter) allowed = filter.error();
        if (!allowed) {
            context_.counters.add(Counter::subscriptions_refused);
            if (allowed.error().status == WSE_ETIMEDOUT) pending.is_unanswered = true;
            if (pending.report && !subscriptions_.contains(topic)) forget_grant(topic);
            const auto shown = utf8_prefix(topic, settings().limits.max_topic_length);
            pending.ack.failed.push_back({std::string(shown), allowed.error().text});
            continue;
        }
        const auto [found, is_new] = subscriptions_.try_emplace(topic);
        Subscription &subscription = found->second;
        if (is_new) {
            subscription.subscriber = this;
            subscription.group = wish.queue_group;
        } else if (subscription.request == request) {
            continue;  // named twice in one request
        }
        subscription.request = request;
        // What a filter has left out is missed by nobody, so there is nothing to recover.
        const auto from = pending.filter ? std::nullopt : wish.position_of(topic);
        command.topics.push_back({topic, subscription.active, from, wish.queue_group});
        // What the client has seen of the topics that a pattern takes.
        if (is_pattern(topic) && command.known.empty()) command.known = wish.recovery;
    }
    if (command.topics.empty()) return answer(std::move(pending));
    asked_topics_ += command.topics.size();
    pending_subscribes_.emplace(request, std::move(pending));
    context_.hub.subscribe(std::move(command));
}

// What costs little is checked first.
Result<void> Session::check_subscribe(const std::string &topic,
                                      const proto::SubscriptionRequest &wish, bool by_backend) {
    if (auto sound = check_wish(topic, wish); !sound) return sound;
    if (asked_topics_ >= topic_rate_.capacity() || !take_topic_rate({&topic, 1}))
        return Error{WSE_EAGAIN, "too many topics at once; try again in a moment"};
    if (!app_has_room())
        return Error{WSE_EAGAIN, "the application is behind; try again in a moment"};
    return check_right(topic, by_backend);
}

Result<void> Session::check_right(const std::string &topic, bool by_backend) {
    if (by_backend) {
        if (!rights_->grant(topic)) return Error{WSE_EDENIED, "denied"};
        verdicts_.reset();
        return {};
    }
    if (!may_subscribe(topic)) return Error{WSE_EDENIED, "not allowed"};
    return {};
}

bool Session::may_subscribe(const std::string &topic) const {
    return is_pattern(topic) ? rights_->may_subscribe_pattern(topic)
                             : rights_->may(module::Action::kSubscribe, topic);
}

// What is wrong with it, whoever asks.
Result<void> Session::check_wish(const std::string &topic,
                                 const proto::SubscriptionRequest &wish) const {
    const auto &limits = settings().limits;
    const std::string &group = wish.queue_group;
    if (auto valid = proto::check_topic_or_pattern(topic, limits.max_topic_length); !valid)
        return valid;
    if (is_pattern(topic) && !group.empty())
        return Error{WSE_EINVAL, "a queue group shares a topic, not a pattern"};
    if (!are_usable_params(wish.params))
        return Error{WSE_EINVAL, "params: not an object of at most 4096 bytes"};
    if (!group.empty() && !proto::check_topic(group, limits.max_topic_length))
        return Error{WSE_EINVAL, "queue_group: not a name"};
    const auto found = subscriptions_.find(topic);
    if (found != subscriptions_.end() && found->second.group != group)
        return Error{WSE_EINVAL, "subscribed already, with another queue group or without one"};
    if (subscriptions_.size() >= limits.max_subscriptions && found == subscriptions_.end()) {
        return Error{WSE_ETOOBIG, "more than " + std::to_string(limits.max_subscriptions) +
                                      " subscriptions (limits.max_subscriptions)"};
    }
    return {};
}

// To whoever has asked; the client hears of it in any case.
void Session::answer(PendingSubscribe pending) {
    if (pending.report) pending.report->add(pending.ack);
    acknowledge(std::move(pending.ack));
    tell_unanswered(pending);
}

// The backend's word holds as long as the subscription that it was for.
void Session::forget_grant(const std::string &topic) {
    // What it let through patterns of the client's comes through them no more.
    if (rights_ && rights_->take_back(topic)) verdicts_.reset();
}

// The hub looks at every topic that begins like a pattern.
bool Session::take_topic_rate(std::span<const std::string> names) {
    uint64_t cost = 0;
    for (const auto &name : names) cost += is_pattern(name) ? kPatternCost : 1;
    return topic_rate_.take(context_.timers.now_ms(), cost);
}

std::vector<hub::Unsubscribe::Topic> Session::on_subscribed(
    uint64_t request, std::vector<hub::SubscribedTopic> topics) {
    std::vector<hub::Unsubscribe::Topic> unwanted;
    auto node = pending_subscribes_.extract(request);
    PendingSubscribe pending;
    if (!node.empty()) {
        pending = std::move(node.mapped());
        asked_topics_ -= topics.size();
    }
    std::erase_if(topics, [&](hub::SubscribedTopic &topic) {
        return !settle(topic, request, pending, unwanted);
    });
    if (node.empty()) return unwanted;
    for (const auto &topic : topics)
        pending.filter ? describe_filtered(topic, pending) : describe(topic, pending);
    // The ack, then what was missed, then what is live (rule M7).
    if (pending.report) pending.report->add(pending.ack);
    acknowledge(std::move(pending.ack));
    tell_unanswered(pending);
    for (const auto &topic : topics) {
        if (state_ != State::kOpen) break;
        pending.filter ? start_filtered(topic, pending) : start(topic, pending);
    }
    if (is_clear()) ask_replay();
    return unwanted;
}

// Takes the answer for one topic. False: there is nothing to acknowledge.
bool Session::settle(hub::SubscribedTopic &topic, uint64_t request, PendingSubscribe &pending,
                     std::vector<hub::Unsubscribe::Topic> &unwanted) {
    const auto found = subscriptions_.find(topic.name);
    // Unsubscribed and subscribed anew with another group meanwhile, it is another subscription.
    const bool known = found != subscriptions_.end() && found->second.group == topic.group;
    if (!topic.position) {
        // A later request for the same topic may still be answered otherwise.
        if (known && !found->second.active && found->second.request == request) {
            subscriptions_.erase(found);
            stop_waiting(topic.name);
            forget_grant(topic.name);
        }
        pending.ack.failed.push_back({topic.name, topic.position.error().text});
        return false;
    }
    // Asked for twice in one breath, it is active from the first answer on, so that nothing is
    // missed after its ack, and the second is one count too many.
    const bool active = known && found->second.active;
    if (!topic.again && (active || !known))
        unwanted.push_back({.name = topic.name, .group = topic.group, .surplus = active});
    // Unsubscribed meanwhile: an ack that named it would make clients take it up again.
    if (!known) return false;
    if (!topic.again && !active) {
        found->second.active = true;
        found->second.filter = pending.filter;
        if (found->second.group.empty()) context_.fanout.add(topic.name, found->second);
        context_.counters.add(Counter::subscriptions);
        observe(WSE_OBSERVE_SUBSCRIBE, topic.name, topic.group);
        tell_app(WSE_APP_EVENT_SUBSCRIBE, topic.name);
    } else if (active && found->second.filter.get() != pending.filter.get()) {
        // From here on it is another stream, which goes on from no other place.
        set_filter(topic.name, found->second, pending.filter);
        topic.again = false;
    }
    return true;
}

// Subscribed already and asked for without a position: nothing changes, also for what is held back.
bool Session::goes_on(const hub::SubscribedTopic &topic) {
    return topic.again && topic.stamped && topic.replays.empty() && !is_pattern(topic.name);
}

// Where the client stands or will stand when it has read what is queued.
proto::Position Session::position_of(const std::string &topic, proto::Position head) const {
    if (!lag_) return head;
    if (const auto held = lag_->held.find(topic); held != lag_->held.end())
        return held->second.from;
    const auto behind = lag_->behind.find(topic);
    return behind == lag_->behind.end() ? head : behind->second;
}

void Session::describe(const hub::SubscribedTopic &topic, PendingSubscribe &pending) {
    const bool pattern = is_pattern(topic.name);
    // Not the hub's count, which has the topics of a pattern that the client may not have.
    uint64_t count = 0;
    std::vector<proto::TopicRecovery> parts;
    for (const auto &part : topic.replays) {
        if (pattern && !may_receive(part.topic)) continue;
        count += part.count;
        if (!part.recovered) context_.counters.add(Counter::recoveries_failed);
        if (pattern && part.asked)
            parts.push_back({part.topic, part.head, part.recovered, part.count});
    }
    proto::SubscriptionAck &ack = pending.ack;
    ack.topics.push_back(topic.name);
    ack.queue_group = pending.group;
    if (topic.lossy) ack.lossy.push_back(topic.name);
    if (goes_on(topic)) {
        const proto::Position from = position_of(topic.name, *topic.position);
        ack.recovery.push_back({topic.name, from, true, 0});
    } else if (topic.stamped || pending.recover) {
        ack.recovery.push_back({topic.name, *topic.position, topic.recovered, count});
    }
    ack.recovery.insert(ack.recovery.end(), parts.begin(), parts.end());
}

// What the ack has promised.
void Session::start(const hub::SubscribedTopic &topic, const PendingSubscribe &pending) {
    const bool pattern = is_pattern(topic.name);
    // Who has recovered has the state.
    if (topic.recovered && !pattern) forget_held(topic.name);
    // The ack has told where the topic goes on; what was under way before does not count any more.
    if (lag_ && !pattern && !goes_on(topic)) lag_->behind.erase(topic.name);
    send_retained(topic, nullptr);
    if (state_ != State::kOpen) return;
    if (topic.roster) send_roster(*topic.roster);
    for (const auto &part : topic.replays) {
        if (state_ != State::kOpen) return;
        if (pattern && (!may_receive(part.topic) || stands_before(part) || move_held(part)))
            continue;
        if (lag_) lag_->behind.erase(part.topic);
        take_replay(part);
    }
    if (state_ == State::kOpen && !pattern && !goes_on(topic)) join(topic, pending.params);
}

void Session::send_retained(const hub::SubscribedTopic &topic, const Filter *filter) {
    const bool pattern = is_pattern(topic.name);
    for (const auto &retained : topic.retained) {
        if (!pattern || may_receive(retained.topic)) send_snapshot(retained, filter);
    }
}

// Positions that do not fit beside the names follow in acks that name nothing else.
void Session::acknowledge(proto::SubscriptionAck ack) {
    const auto recovery = std::exchange(ack.recovery, {});
    size_t bytes = 0;
    for (const auto &each : recovery) {
        ack.recovery.push_back(each);
        bytes += each.topic.size() + 128;
        if (bytes < kRecoveryBytes) continue;
        send(proto::subscription_ack(ack));
        ack = {.action = ack.action};
        bytes = 0;
    }
    if (bytes > 0 || recovery.empty() || !ack.topics.empty()) send(proto::subscription_ack(ack));
}

void Session::unsubscribe(std::span<const std::string> topics) {
    do {
        unsubscribe_part(take_part(topics));
    } while (!topics.empty() && state_ == State::kOpen);
}

void Session::unsubscribe_part(std::span<const std::string> topics) {
    proto::SubscriptionAck ack{.action = "unsubscribe"};
    hub::Unsubscribe command{context_.loop, serial_, {}};
    for (const auto &topic : topics) {
        // Unsubscribing from what one does not have has worked, too.
        if (topic.size() <= settings().limits.max_topic_length) ack.topics.push_back(topic);
        leave(topic, command);
    }
    if (!command.topics.empty()) context_.hub.unsubscribe(std::move(command));
    send(proto::subscription_ack(ack));
}

void Session::leave(const std::string &topic, hub::Unsubscribe &command) {
    const auto found = subscriptions_.find(topic);
    if (found == subscriptions_.end()) return;
    // One that is still pending is undone when the hub answers.
    if (found->second.active) {
        context_.fanout.remove(found->second);
        command.topics.push_back({topic, found->second.group});
        observe(WSE_OBSERVE_UNSUBSCRIBE, topic, found->second.group);
        tell_app(WSE_APP_EVENT_UNSUBSCRIBE, topic);
    }
    subscriptions_.erase(found);
    stop_waiting(topic);
    forget_grant(topic);
    if (lag_) forget_behind(topic);
}

// Topics that the session may not have any more.
void Session::give_up(std::span<const std::string> topics) {
    hub::Unsubscribe command{context_.loop, serial_, {}};
    for (const auto &topic : topics) leave(topic, command);
    if (!command.topics.empty()) context_.hub.unsubscribe(std::move(command));
}

// Will the topic be replayed from before that part anyway? The client has told no position of it.
bool Session::stands_before(const hub::Replayed &part) const {
    if (!lag_ || part.asked) return false;
    if (!lag_->behind.contains(part.topic) && !lag_->held.contains(part.topic)) return false;
    const proto::Position stands = position_of(part.topic, part.head);
    return stands.epoch == part.from.epoch && stands.offset <= part.from.offset;
}

// Does a subscription take the topic, all of it? A pattern does when the session may have it.
bool Session::takes(const std::string &topic) {
    return std::any_of(subscriptions_.begin(), subscriptions_.end(), [&](const auto &entry) {
        const auto &[name, subscription] = entry;
        return subscription.group.empty() && !subscription.filter &&
               (name == topic ||
                (is_pattern(name) && glob_match(name, topic) && may_receive(topic)));
    });
}

// Topics that nothing subscribes any more are not replayed.
void Session::forget_behind(const std::string &gone) {
    std::erase_if(lag_->behind, [&](const auto &entry) {
        const bool concerned =
            entry.first == gone || (is_pattern(gone) && glob_match(gone, entry.first));
        return concerned && !takes(entry.first);
    });
}

void Session::leave_all() {
    hub::Unsubscribe command{context_.loop, serial_, {}};
    for (auto &[topic, subscription] : subscriptions_) {
        if (!subscription.active) continue;
        context_.fanout.remove(subscription);
        command.topics.push_back({topic, subscription.group});
        observe(WSE_OBSERVE_UNSUBSCRIBE, topic, subscription.group);
    }
    subscriptions_.clear();
    pending_subscribes_.clear();
    pending_syncs_.clear();
    lag_.reset();
    batch_.reset();
    asked_topics_ = 0;
    if (!command.topics.empty()) context_.hub.unsubscribe(std::move(command));
}

std::vector<std::string> Session::topics() const {
    std::vector<std::string> names;
    for (const auto &[name, subscription] : subscriptions_) {
        if (subscription.active) names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

bool Session::is_subscribed(const std::string &topic) const {
    const auto found = subscriptions_.find(topic);
    return found != subscriptions_.end() && found->second.active;
}

void Context::on_subscribed(const hub::Origin &origin, std::vector<hub::SubscribedTopic> topics) {
    hub::Unsubscribe undo{loop, origin.session, {}};
    if (Session *session = find(origin.session)) {
        undo.topics = session->on_subscribed(origin.request, std::move(topics));
    } else {
        for (const auto &topic : topics) {
            if (topic.position && !topic.again) undo.topics.push_back({topic.name, topic.group});
        }
    }
    if (!undo.topics.empty()) hub.unsubscribe(std::move(undo));
}

void Context::on_published(const hub::Origin &origin, const Result<proto::Position> &position) {
    if (Session *session = find(origin.session)) session->on_published(origin.request, position);
}

}  // namespace wse::session
