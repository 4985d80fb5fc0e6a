// SPDX-License-Identifier: MIT
#include "server/hub_thread.h"

#include <algorithm>

namespace wse::server {
namespace {

size_t size_of(const hub::Fact &fact) {
    return sizeof fact + fact.topic.size() + fact.key.size() + fact.value.size();
}

}  // namespace

HubPort::HubPort(Loop &loop, std::function<void(Delivery &)> take)
    : take_(std::move(take)),
      mailbox_(loop.uv(), [this](std::vector<Batch> &batches) { drain(batches); }) {}

void HubPort::queue(Delivery delivery, size_t bytes) {
    outgoing_.deliveries.push_back(std::move(delivery));
    outgoing_.bytes += bytes;
    backlog_bytes_ += bytes;
}

void HubPort::send() {
    if (!outgoing_.deliveries.empty()) mailbox_.post(std::exchange(outgoing_, {}));
}

void HubPort::drain(std::vector<Batch> &batches) {
    for (auto &batch : batches) {
        for (auto &delivery : batch.deliveries) take_(delivery);
        backlog_bytes_ -= batch.bytes;
    }
}

HubThread::HubThread(const Clock &clock, const hub::Limits &limits, hub::PolicyOf policy_of,
                     uint64_t seed)
    : loop_("hub", clock),
      hub_(clock, limits, *this, std::move(policy_of), seed),
      tick_([this] { on_tick(); }),
      inbox_(loop_.uv(), [this](std::vector<Command> &commands) { drain(commands); }) {}

HubThread::~HubThread() {
    stop();
}

void HubThread::restore(std::unique_ptr<hub::Journal> journal, hub::StoredHistory stored) {
    journal_ = std::move(journal);
    hub_.restore(*journal_, std::move(stored));
}

void HubThread::start() {
    loop_.post([this] { loop_.timers().schedule(tick_, kTickMs); });
    loop_.start();
}

void HubThread::stop() {
    loop_.stop();
    tick_.cancel();
    journal_.reset();
}

void HubThread::on_tick() {
    hub_.tick();
    const hub::HubState state = hub_.state();
    counters_.add(Counter::history_evicted, state.history_evicted - told_.history_evicted);
    counters_.add(Counter::groups_dropped, state.group_dropped - told_.group_dropped);
    counters_.add(Counter::cluster_lost, state.remote_lost - told_.remote_lost);
    told_ = state;
    send_all();
    loop_.timers().schedule(tick_, kTickMs);
}

bool HubThread::publish(hub::Publish command) {
    const size_t bytes = size_of(command.publication);
    if (inbox_bytes_ + bytes > kMaxInboxBytes) return false;
    inbox_bytes_ += bytes;
    inbox_.post(std::move(command));
    return true;
}

bool HubThread::has_room(size_t bytes) const {
    // What is larger than the inbox is taken when nothing else is in it.
    const size_t waiting = inbox_bytes_;
    return (waiting == 0 || waiting + bytes <= kMaxInboxBytes) && !congested();
}

template <class T>
bool HubThread::take(T what, size_t bytes) {
    if (!has_room(bytes)) return false;
    inbox_bytes_ += bytes;
    inbox_.post(Weighed<T>{std::move(what), bytes});
    return true;
}

bool HubThread::remote(hub::Remote message) {
    const size_t bytes = size_of(message.publication);
    return take(std::move(message), bytes);
}

bool HubThread::followed(hub::Followed topic) {
    size_t bytes = sizeof topic + topic.topic.size();
    for (const auto &message : topic.messages) bytes += size_of(message.publication);
    for (const auto &fact : topic.facts) bytes += size_of(fact);
    return take(std::move(topic), bytes);
}

bool HubThread::fact(hub::Fact fact) {
    const size_t bytes = size_of(fact);
    return take(std::move(fact), bytes);
}

void HubThread::commit(hub::SubmitTicket ticket, proto::Position position) {
    inbox_.post(Placed{ticket, position});
}

void HubThread::refuse(hub::SubmitTicket ticket, Error why) {
    inbox_.post(Placed{ticket, std::move(why)});
}

void HubThread::ask(std::function<void(const hub::Hub &)> question) {
    inbox_.post(std::move(question));
}

void HubThread::drain(std::vector<Command> &commands) {
    for (auto &command : commands) std::visit([this](auto &one) { run(one); }, command);
    send_all();
}

// One wake-up per loop and turn, however many messages this turn had.
void HubThread::send_all() {
    for (HubPort *port : ports_) port->send();
}

void HubThread::run(hub::Publish &command) {
    inbox_bytes_ -= size_of(command.publication);
    hub_.publish(std::move(command));
}

void HubThread::run(Placed &command) {
    if (command.position) {
        hub_.commit(command.ticket, *command.position);
    } else {
        hub_.refuse(command.ticket, command.position.error());
    }
}

void HubThread::run(Weighed<hub::Remote> &command) {
    inbox_bytes_ -= command.bytes;
    hub_.remote(std::move(command.what));
}

void HubThread::run(Weighed<hub::Followed> &command) {
    inbox_bytes_ -= command.bytes;
    hub_.followed(std::move(command.what));
}

void HubThread::run(Weighed<hub::Fact> &command) {
    inbox_bytes_ -= command.bytes;
    hub_.fact(command.what);
}

void HubThread::deliver(hub::LoopIndex loop, const proto::MessageRef &message) {
    counters_.add(Counter::deliveries);
    ports_[loop]->queue(message, size_of(message->publication));
}

void HubThread::deliver_to(hub::LoopIndex loop, uint64_t session, const std::string &group,
                           const proto::MessageRef &message) {
    counters_.add(Counter::deliveries);
    ports_[loop]->queue(MemberDelivery{session, group, message}, size_of(message->publication));
}

void HubThread::notice(hub::LoopIndex loop, const hub::NoticeRef &notice) {
    ports_[loop]->queue(notice, sizeof *notice + notice->topic.size() + notice->text.size());
}

// Answers carry references to messages that are kept anyway, and are as many as were asked for.
void HubThread::subscribed(const hub::Origin &origin, std::vector<hub::SubscribedTopic> topics) {
    ports_[origin.loop]->queue(SubscribedAnswer{origin, std::move(topics)}, 0);
}

void HubThread::replayed(const hub::Origin &origin, hub::Replayed part) {
    ports_[origin.loop]->queue(ReplayedAnswer{origin, std::move(part)}, 0);
}

void HubThread::synced(const hub::Origin &origin, hub::Synced state) {
    ports_[origin.loop]->queue(SyncedAnswer{origin, std::move(state)}, 0);
}

void HubThread::published(const hub::Origin &origin, Result<proto::Position> position) {
    if (position) counters_.add(Counter::published);
    ports_[origin.loop]->queue(PublishedAnswer{origin, std::move(position)}, 0);
}

bool HubThread::congested() const {
    return std::any_of(ports_.begin(), ports_.end(),
                       [](const HubPort *port) { return port->congested(); });
}

}  // namespace wse::server
