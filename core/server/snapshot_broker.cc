// SPDX-License-Identifier: MIT
#include "server/snapshot_broker.h"

#include <utility>

#include "base/assert.h"
#include "base/log.h"
#include "proto/server_messages.h"

namespace wse::server {
namespace {

// Clients read offsets as doubles (rule M18).
constexpr uint64_t kMaxOffset = uint64_t{1} << 53;

// What the module says of its state, where that is a position of the topic.
proto::Position position_of(const module::Snapshot &snapshot, proto::Position asked_at) {
    const auto &as_of = snapshot.as_of;
    const bool usable = as_of && as_of->epoch == asked_at.epoch && as_of->offset < kMaxOffset;
    return usable ? proto::Position{asked_at.epoch, as_of->offset} : asked_at;
}

}  // namespace

SnapshotBroker::SnapshotBroker(Loop &service, const Clock &clock, Counters &counters,
                               uint64_t timeout_ms, Deliver deliver, const Limits &limits)
    : service_(service),
      clock_(clock),
      counters_(counters),
      timeout_ms_(timeout_ms),
      deliver_(std::move(deliver)),
      limits_(limits) {}

void SnapshotBroker::add(std::unique_ptr<module::SnapshotSource> source) {
    std::string name = source->instance_name();
    sources_.insert_or_assign(std::move(name), std::move(source));
}

void SnapshotBroker::ask(session::SnapshotAsk ask) {
    service_.post([this, ask = std::move(ask)]() mutable { take(ask); });
}

void SnapshotBroker::stop() {
    stopped_ = true;
    flights_.clear();
}

SnapshotBroker::Key SnapshotBroker::key_of(const module::SnapshotSource &source,
                                           session::SnapshotAsk &ask) const {
    return {.instance = source.instance_name(),
            .topic = std::move(ask.topic),
            .params = ask.params ? ask.params->text : std::string(),
            .user = source.per_user() ? std::move(ask.user) : std::string()};
}

void SnapshotBroker::take(session::SnapshotAsk &ask) {
    if (stopped_) return;
    const auto source = sources_.find(ask.instance);
    // wsed checks at the start that this does not happen.
    WSE_ASSERT(source != sources_.end(), "a state is asked of a module that is none");
    const Key key = key_of(*source->second, ask);
    const auto found = flights_.find(key);
    const bool is_full = waiters_ >= limits_.waiters ||
                         (found == flights_.end() && flights_.size() >= limits_.flights);
    if (is_full)
        return tell(failure_of(key, Error{WSE_EAGAIN, "too many questions are under way"}),
                    {ask.origin});
    ++waiters_;
    if (found == flights_.end()) return start(key, {ask.position, {ask.origin}});
    counters_.add(Counter::snapshot_joined);
    Flight &flight = found->second;
    if (may_join(flight, ask)) {
        flight.aboard.waiters.push_back(ask.origin);
    } else {
        add_to(flight.next, ask);
    }
}

bool SnapshotBroker::may_join(const Flight &flight, const session::SnapshotAsk &ask) {
    const proto::Position asked_at = flight.aboard.position;
    return ask.position.epoch == asked_at.epoch &&
           (ask.stamped || ask.position.offset <= asked_at.offset);
}

// The module is asked after all of them have begun to wait, so the state has what came before the
// last of them.
void SnapshotBroker::add_to(Party &party, const session::SnapshotAsk &ask) {
    const bool later = party.waiters.empty() || ask.position.epoch != party.position.epoch ||
                       ask.position.offset > party.position.offset;
    if (later) party.position = ask.position;
    party.waiters.push_back(ask.origin);
}

void SnapshotBroker::start(const Key &key, Party party) {
    counters_.add(Counter::snapshot_flights);
    Flight &flight = flights_[key];
    flight.aboard = std::move(party);
    const proto::Position position = flight.aboard.position;
    flight.pending =
        sources_.find(key.instance)
            ->second->request(
                {
                    .topic = key.topic,
                    .user = key.user,
                    .params = key.params,
                    .position = {position.epoch, position.offset},
                    .deadline_ms = timeout_ms_,
                },
                [this, key](const Result<module::Snapshot> &result) { land(key, result); });
}

void SnapshotBroker::land(const Key &key, const Result<module::Snapshot> &result) {
    auto node = flights_.extract(key);
    Flight &flight = node.mapped();
    waiters_ -= flight.aboard.waiters.size();
    tell(answer_of(key, flight.aboard.position, result), flight.aboard.waiters);
    if (!flight.next.waiters.empty()) start(key, std::move(flight.next));
}

session::SnapshotAnswerRef SnapshotBroker::answer_of(const Key &key, proto::Position asked_at,
                                                     const Result<module::Snapshot> &result) const {
    if (!result && result.error().status != WSE_ENOTFOUND) return failure_of(key, result.error());
    const proto::Position at = result ? position_of(*result, asked_at) : asked_at;
    const auto text = proto::topic_state({.topic = key.topic,
                                          .position = at,
                                          .data = result ? result->data : std::string_view(),
                                          .type = result ? result->type : std::string_view(),
                                          .wall_ms = clock_.wall_ms()});
    return session::SnapshotAnswerRef(new session::SnapshotAnswer(
        key.topic, result ? WSE_OK : WSE_ENOTFOUND, at, net::Frame::text(text)));
}

session::SnapshotAnswerRef SnapshotBroker::failure_of(const Key &key, const Error &error) const {
    const bool late = error.status == WSE_ETIMEDOUT;
    counters_.add(late ? Counter::snapshot_timeouts : Counter::snapshot_failed);
    log::warn("server", "snapshot.unavailable",
              {{"module", key.instance}, {"topic", key.topic}, {"error", error.text}});
    return session::SnapshotAnswerRef(
        new session::SnapshotAnswer(key.topic, error.status, proto::Position{}, net::FrameRef()));
}

void SnapshotBroker::tell(const session::SnapshotAnswerRef &answer,
                          const std::vector<hub::Origin> &waiters) {
    std::map<hub::LoopIndex, std::vector<hub::Origin>> by_loop;
    for (const auto &origin : waiters) by_loop[origin.loop].push_back(origin);
    for (auto &[loop, origins] : by_loop) deliver_(loop, {answer, std::move(origins)});
}

}  // namespace wse::server
