// SPDX-License-Identifier: MIT
#include "server/cluster.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace wse::server {
namespace {

constexpr uint64_t kTryAgainMs = 500;
constexpr uint64_t kStopMs = 1000;
// Of a topic that retains by key, whose keys are not known beforehand.
constexpr uint64_t kKeptByKey = 10'000;

uint64_t kept(const hub::TopicPolicy &policy) {
    if (policy.retain == hub::Retain::kLastByKey)
        return std::max<uint64_t>(policy.history.messages, kKeptByKey);
    return policy.most_kept();
}

// What is retained is so however old it is.
uint64_t kept_ms(const hub::TopicPolicy &policy) {
    return policy.retain == hub::Retain::kNone ? policy.history.age_ms : 0;
}

module::Event event_of(const proto::Publication &publication) {
    return {.topic = publication.topic,
            .type = publication.type,
            .id = publication.id,
            .payload = publication.payload,
            .extra = publication.extra,
            .priority = static_cast<uint32_t>(publication.priority),
            .time_ms = publication.time_ms};
}

std::string subject_of(const hub::Fact &fact) {
    return std::to_string(static_cast<int>(fact.kind)) + '\n' + fact.topic + '\n' + fact.key;
}

Error stopping() {
    return {WSE_ECANCELED, "the server is stopping"};
}

bool may_work_later(int32_t status) {
    return status == WSE_EAGAIN || status == WSE_EIO || status == WSE_ETIMEDOUT ||
           status == WSE_ENOMEM;
}

}  // namespace

Cluster::Cluster(Loop &service, const config::Settings &settings, const Clock &clock,
                 Counters &counters, ClusterLink &hub, std::unique_ptr<module::Backplane> backplane,
                 const Limits &limits)
    : service_(service),
      counters_(counters),
      hub_(hub),
      backplane_(std::move(backplane)),
      publish_timeout_ms_(settings.cluster.publish_timeout_ms),
      limits_(limits),
      intake_(settings, clock, counters, hub),
      again_([this] { try_again(); }),
      end_([this] { end(); }),
      wishes_(service.uv(), [this](std::vector<Wish> &wishes) { take(wishes); }) {}

void Cluster::submit(hub::SubmitTicket ticket, const proto::Publication &publication,
                     const hub::TopicPolicy &policy) {
    const size_t bytes = size_of(publication);
    if (publish_bytes_ + bytes > limits_.publish_bytes)
        return hub_.refuse(ticket, Error{WSE_EAGAIN, "too much is on its way to the cluster"});
    publish_bytes_ += bytes;
    wishes_.post(Submit{ticket, publication, kept(policy), kept_ms(policy), bytes});
}

void Cluster::follow(const std::string &name, proto::Position have,
                     const hub::TopicPolicy &policy) {
    wishes_.post(Follow{name, have, kept(policy), kept_ms(policy)});
}

void Cluster::unfollow(const std::string &name) {
    wishes_.post(Unfollow{name});
}

void Cluster::set_fact(const hub::Fact &fact) {
    wishes_.post(fact);
}

void Cluster::stop(std::function<void()> done) {
    wishes_.post(Stop{std::move(done)});
}

void Cluster::take(std::vector<Wish> &wishes) {
    for (auto &wish : wishes) std::visit([this](auto &one) { run(one); }, wish);
    const bool is_waiting = !follows_to_try_.empty() || !facts_to_try_.empty();
    if (is_waiting && !stopped_ && !again_.scheduled())
        service_.timers().schedule(again_, kTryAgainMs);
}

void Cluster::run(Stop &wish) {
    stopped_ = true;
    done_ = std::move(wish.done);
    again_.cancel();
    for (const auto &[number, asked] : std::exchange(commands_, {})) asked.done(stopping());
    // Of what is under way the publishers shall know that it has its place.
    submits_.empty() ? end() : service_.timers().schedule(end_, kStopMs);
}

// Who publishes hears of it, so that a module that waits for it can stop.
void Cluster::end() {
    end_.cancel();
    for (const auto &[ticket, pending] : std::exchange(submits_, {}))
        hub_.refuse(ticket, stopping());
    if (const auto done = std::exchange(done_, nullptr)) done();
}

void Cluster::run(Submit &wish) {
    publish_bytes_ -= wish.bytes;
    const auto &publication = wish.publication;
    const hub::SubmitTicket ticket = wish.ticket;
    if (stopped_) return hub_.refuse(ticket, stopping());
    submits_[ticket] = backplane_->submit(
        event_of(publication),
        {.topic = publication.topic,
         .history_messages = wish.history_messages,
         .history_age_ms = wish.history_age_ms,
         .id_given = publication.id_given},
        publish_timeout_ms_,
        [this, ticket](const Result<module::Place> &place) { placed(ticket, place); });
}

void Cluster::placed(hub::SubmitTicket ticket, const Result<module::Place> &place) {
    const auto pending = submits_.extract(ticket);
    if (place) {
        counters_.add(Counter::cluster_published);
        // Judged as a place of 32 and 64 bits when the module gave it.
        hub_.commit(ticket, {static_cast<uint32_t>(place->epoch), place->offset});
    } else {
        counters_.add(Counter::cluster_refused);
        hub_.refuse(ticket, place.error());
    }
    if (done_ && submits_.empty()) end();
}

bool Cluster::follow_now(const Follow &wish) {
    const int32_t status = backplane_->follow({.topic = wish.name,
                                               .history_messages = wish.history_messages,
                                               .history_age_ms = wish.history_age_ms,
                                               .have = {wish.have.epoch, wish.have.offset}});
    if (status == WSE_OK || status == WSE_ECANCELED) return true;
    if (!may_work_later(status) || !follows_to_try_.contains(wish.name)) {
        log::warn(
            "server", "cluster.not_followed",
            {{"module", instance_name()}, {"topic", wish.name}, {"error", status_text(status)}});
    }
    return !may_work_later(status);
}

void Cluster::run(Follow &wish) {
    if (stopped_ || follow_now(wish)) return;
    std::string name = wish.name;
    follows_to_try_.insert_or_assign(std::move(name), std::move(wish));
}

void Cluster::run(Unfollow &wish) {
    // What it never followed it is not told of.
    if (!stopped_ && follows_to_try_.erase(wish.name) == 0) backplane_->unfollow(wish.name);
}

// False: to be tried again.
bool Cluster::pass_on(const hub::Fact &fact) {
    if (!backplane_->has_facts()) {
        // Then this host is the only one that has any.
        return hub_.fact(fact);
    }
    const int32_t status = backplane_->set_fact({.kind = static_cast<uint32_t>(fact.kind),
                                                 .topic = fact.topic,
                                                 .key = fact.key,
                                                 .value = fact.value});
    if (status == WSE_OK || status == WSE_ECANCELED) return true;
    if (may_work_later(status)) return false;
    log::warn("server", "cluster.fact_refused",
              {{"module", instance_name()}, {"topic", fact.topic}, {"error", status_text(status)}});
    return true;
}

void Cluster::run(hub::Fact &wish) {
    if (stopped_) return;
    const std::string subject = subject_of(wish);
    // One that still waits is of the past.
    facts_to_try_.erase(subject);
    // The module passes on facts of topics that it follows.
    if (!follows_to_try_.contains(wish.topic) && pass_on(wish)) return;
    if (facts_to_try_.size() < limits_.facts) {
        facts_to_try_.emplace(subject, std::move(wish));
    } else {
        log::warn("server", "cluster.fact_refused",
                  {{"module", instance_name()}, {"topic", wish.topic}, {"error", "too many wait"}});
    }
}

void Cluster::try_again() {
    std::erase_if(follows_to_try_, [this](const auto &item) { return follow_now(item.second); });
    std::erase_if(facts_to_try_, [this](const auto &item) { return pass_on(item.second); });
    if (!follows_to_try_.empty() || !facts_to_try_.empty())
        service_.timers().schedule(again_, kTryAgainMs);
}

void Cluster::command(std::string_view request, module::Backplane::Said done) {
    constexpr uint64_t kDeadlineMs = 5000;
    if (stopped_) return service_.post([done] { done(stopping()); });
    const uint64_t number = ++last_command_;
    auto pending =
        backplane_->command(request, kDeadlineMs, [this, number](Result<std::string> said) {
            const auto asked = commands_.extract(number);
            asked.mapped().done(std::move(said));
        });
    commands_.emplace(number, Asked{std::move(pending), std::move(done)});
}

int32_t Cluster::remote_message(const wse_message &message) {
    return stopped_ ? WSE_EAGAIN : intake_.message(instance_name(), message);
}

int32_t Cluster::followed(const wse_followed &followed) {
    return stopped_ ? WSE_EAGAIN : intake_.followed(instance_name(), followed);
}

int32_t Cluster::remote_fact(const wse_fact &fact) {
    if (stopped_) return WSE_EAGAIN;
    return intake_.fact(instance_name(), fact);
}

}  // namespace wse::server
