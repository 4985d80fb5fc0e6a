// SPDX-License-Identifier: MIT
#include "server/hub_thread.h"

#include <algorithm>

namespace wse::server {
namespace {

size_t size_of(const proto::Publication &publication) {
    return sizeof publication + publication.topic.size() + publication.type.size() +
           publication.id.size() + publication.payload.size();
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

HubThread::HubThread(const Clock &clock, const hub::Limits &limits, uint64_t seed)
    : loop_("hub", clock),
      hub_(clock, limits, *this, seed),
      inbox_(loop_.uv(), [this](std::vector<Command> &commands) { drain(commands); }) {}

HubThread::~HubThread() {
    stop();
}

bool HubThread::publish(hub::Publish command) {
    const size_t bytes = size_of(command.publication);
    if (inbox_bytes_ + bytes > kMaxInboxBytes) return false;
    inbox_bytes_ += bytes;
    inbox_.post(std::move(command));
    return true;
}

void HubThread::subscribe(hub::Subscribe command) {
    inbox_.post(std::move(command));
}
void HubThread::unsubscribe(hub::Unsubscribe command) {
    inbox_.post(std::move(command));
}
void HubThread::ask(std::function<void(const hub::Hub &)> question) {
    inbox_.post(std::move(question));
}

void HubThread::drain(std::vector<Command> &commands) {
    for (auto &command : commands) std::visit([this](auto &one) { run(one); }, command);
    // One wake-up per loop and turn, however many messages this turn had.
    for (HubPort *port : ports_) port->send();
}

void HubThread::run(hub::Publish &command) {
    inbox_bytes_ -= size_of(command.publication);
    hub_.publish(std::move(command));
}

void HubThread::deliver(hub::LoopIndex loop, const proto::MessageRef &message) {
    counters_.add(Counter::deliveries);
    ports_[loop]->queue(message, size_of(message->publication));
}

void HubThread::subscribed(const hub::Origin &origin, std::vector<hub::SubscribedTopic> topics) {
    ports_[origin.loop]->queue(SubscribedAnswer{origin, std::move(topics)}, 0);
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
