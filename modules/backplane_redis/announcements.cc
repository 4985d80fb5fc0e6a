// SPDX-License-Identifier: MIT
#include "announcements.h"

#include <utility>

#include "abi/module_class.h"
#include "script.h"

namespace wse::backplane_redis {
namespace {

constexpr uint64_t kReplyBytes = 64 * 1024 * 1024;
constexpr size_t kWaiting = 1000;
constexpr const char *kKept = "1000";
constexpr size_t kHosts = 4096;  // whose numbers are remembered

}  // namespace

Announcements::Announcements(const Context &context, Link &link)
    : context_(context),
      link_(link),
      stream_(context.names.announcements()),
      reader_(context, stream_, kReplyBytes,
              {[this](const std::string &) {
                   is_reading_ = false;
                   read();
               },
               [](const std::string &) {}}) {}

int32_t Announcements::send(std::string_view data) {
    if (outbox_.size() >= kWaiting) return WSE_EAGAIN;
    outbox_.push_back({++numbers_, std::string(data)});
    pump();
    return WSE_OK;
}

// One at a time, so that they keep their order. One that is sent twice is heard once, by its
// number.
void Announcements::pump() {
    if (is_sending_ || outbox_.empty()) return;
    const Announcement &first = outbox_.front();
    is_sending_ =
        link_.send({"XADD", stream_, "MAXLEN", "~", kKept, "*", "h", context_.self, "n",
                    std::to_string(first.number), "d", sealed(first.data, context_.periphery)},
                   [this](redis::Failure failure, const redisReply *reply) {
                       is_sending_ = false;
                       if (failure != redis::Failure::kNone) return;
                       const std::string error = error_of(*reply);
                       if (is_elsewhere(error)) return link_.suspect("XADD was answered " + error);
                       if (!error.empty()) return;  // the next tick tries again
                       outbox_.pop_front();
                       pump();
                   });
}

void Announcements::read() {
    if (is_reading_ || !inbox_.empty()) return;
    std::vector<std::string> command = {"XREVRANGE", stream_, "+", "-", "COUNT", "1"};
    if (has_position_)
        command = {"XREAD", "COUNT", "100", "BLOCK", "1000", "STREAMS", stream_, position_.text()};
    const auto then = has_position_ ? &Announcements::take : &Announcements::take_position;
    is_reading_ = reader_.send(std::move(command),
                               [this, then](redis::Failure failure, const redisReply *reply) {
                                   if (failure != redis::Failure::kNone) return;
                                   is_reading_ = false;
                                   const std::string error = error_of(*reply);
                                   if (!error.empty())
                                       return reader_.suspect("reading was answered " + error);
                                   (this->*then)(*reply);
                                   read();
                               });
}

void Announcements::take_position(const redisReply &reply) {
    const redisReply *last = element_of(reply, 0);
    position_ = last ? parse_id(element_text(*last, 0)).value_or(EntryId()) : EntryId();
    has_position_ = true;
}

void Announcements::take(const redisReply &reply) {
    const redisReply *stream = element_of(reply, 0);
    const redisReply *list = stream ? element_of(*stream, 1) : nullptr;
    for (size_t i = 0; list && i < list->elements; ++i) take_entry(*list->element[i]);
    pass();
}

void Announcements::take_entry(const redisReply &entry) {
    const auto id = parse_id(element_text(entry, 0));
    const redisReply *fields = element_of(entry, 1);
    if (!id || !fields) return;
    position_ = *id;
    const std::string_view host = element_text(*fields, 1);
    const auto number = parse_number(element_text(*fields, 3));
    const std::string_view data = element_text(*fields, 5);
    if (host.empty() || !number) return context_.count(kRefused);
    if (host == context_.self) return;
    if (heard_.size() >= kHosts) heard_.clear();
    uint64_t &heard = heard_[std::string(host)];
    if (*number <= heard) return;
    heard = *number;
    auto plain = context_.periphery.open ? context_.periphery.open(data) : std::string(data);
    if (!plain) return context_.count(kRefused);
    inbox_.push_back(std::move(*plain));
}

void Announcements::pass() {
    while (!inbox_.empty()) {
        const int32_t status = context_.host->broadcast_received(context_.host, context_.loop,
                                                                 abi::bytes_of(inbox_.front()));
        if (status == WSE_EAGAIN) return;
        inbox_.pop_front();
    }
}

void Announcements::tick() {
    pump();
    if (inbox_.empty()) return;
    pass();
    read();
}

void Announcements::close(std::function<void()> closed) {
    reader_.close(std::move(closed));
}

}  // namespace wse::backplane_redis
