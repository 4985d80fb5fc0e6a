// SPDX-License-Identifier: MIT
#include "server/applications.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.h"
#include "module/bytes.h"
#include "server/app_steering.h"
#include "session/session.h"

namespace wse::server {
namespace {

// What is told in any case may take as much again as what may be refused.
size_t most_bytes(const config::App &settings) {
    return 2 * settings.max_bytes;
}

bool names(const std::vector<std::string> &list, const std::string &name) {
    return std::find(list.begin(), list.end(), name) != list.end();
}

size_t size_of(const wse_app_command &command) {
    constexpr size_t kOverhead = 512;
    size_t bytes = kOverhead + command.topic.len + command.data.len;
    if (command.message) bytes += command.message->payload.len + command.message->extra.len;
    return bytes;
}

}  // namespace

// One loop's. [loop]
class Applications::Way final : public session::AppLink {
public:
    Way(Applications &owner, hub::LoopIndex loop) : owner_(owner), loop_(loop) {
        for (size_t i = 0; i < owner.heard_by_.size(); ++i) masks_.push_back(owner.mask_of(i));
    }
    bool is_full() const override {
        return owner_.totals_.bytes >= most_bytes(owner_.settings_.app);
    }
    bool wants(size_t listener, uint32_t event) const override {
        return (masks_[listener] & module::app_bit(event)) != 0;
    }
    std::unique_ptr<session::AppLine> open(session::AppClient client) override;

    Applications &owner() const { return owner_; }
    hub::LoopIndex loop() const { return loop_; }

private:
    Applications &owner_;
    const hub::LoopIndex loop_;
    std::vector<uint32_t> masks_;  // by listener
};

// One session's. [loop]
class Applications::Line final : public session::AppLine {
public:
    Line(Way &way, uint32_t mask, session::AppClient client)
        : AppLine(mask), way_(way), client_(std::move(client)) {}
    ~Line() override { close(net::CloseReason().code, {}); }

    void open() {
        const std::string data = std::move(client_.data);
        post(Step::kOpened, false,
             {.event = WSE_APP_EVENT_CONNECT, .data = data, .time_ms = owner().clock_.wall_ms()});
    }
    // Threads that ask at the same time may pass the bound of all by one event each. A single one
    // that is over a bound by itself is taken, or it never would be.
    bool offer(const module::AppEvent &event) override {
        const auto &limits = owner().settings_.app;
        const size_t bytes = AppRecord::bytes_of(named(event));
        const size_t all = owner().totals_.bytes;
        if (credit_->messages >= limits.queue_messages) return false;
        if (credit_->messages > 0 && credit_->bytes + bytes > limits.queue_bytes) return false;
        if (all > 0 && all + bytes > limits.max_bytes) return false;
        post(Step::kTold, true, event);
        return true;
    }
    void tell(const module::AppEvent &event) override { post(Step::kTold, false, event); }
    bool has_room(size_t events) const override {
        const auto &settings = owner().settings_;
        return !way_.is_full() && credit_->others + events <= settings.app.queue_messages +
                                                                  settings.limits.max_subscriptions;
    }
    void close(uint32_t code, std::string_view reason) override {
        if (std::exchange(is_closed_, true)) return;
        post(Step::kClosed, false,
             {.event = WSE_APP_EVENT_DISCONNECT,
              .data = reason,
              .time_ms = owner().clock_.wall_ms(),
              .code = code});
    }

private:
    Applications &owner() const { return way_.owner(); }
    module::AppEvent named(module::AppEvent event) const {
        event.connection = client_.connection;
        event.user = client_.user;
        return event;
    }
    void post(Step step, bool is_message, const module::AppEvent &event) {
        owner().mailbox_.post({step, way_.loop(), client_.serial,
                               AppRecordRef(new AppRecord(named(event), client_.listener,
                                                          is_message, credit_, owner().totals_))});
    }

    Way &way_;
    session::AppClient client_;
    const Ref<AppCredit> credit_ = make_ref<AppCredit>();
    bool is_closed_ = false;
};

std::unique_ptr<session::AppLine> Applications::Way::open(session::AppClient client) {
    const uint32_t mask = masks_[client.listener];
    auto line = std::make_unique<Line>(*this, mask, std::move(client));
    line->open();
    return line;
}

Applications::Applications(Loop &service, const config::Settings &settings, const Clock &clock,
                           Counters &counters,
                           std::vector<std::unique_ptr<module::AppInbox>> inboxes, Reach reach)
    : service_(service),
      settings_(settings),
      clock_(clock),
      reach_(std::move(reach)),
      mailbox_(service.uv(), [this](std::vector<Item> &items) { take(items); }) {
    for (auto &inbox : inboxes)
        queues_.push_back(std::make_unique<AppQueue>(service, counters, std::move(inbox),
                                                     settings.app.batch, [this] { ++steps_; }));
    for (const config::Listen &listener : settings.listeners) {
        std::vector<bool> hearing;
        for (const auto &queue : queues_)
            hearing.push_back(names(listener.app, "*") ||
                              names(listener.app, queue->instance_name()));
        heard_by_.push_back(std::move(hearing));
    }
}

Applications::~Applications() = default;

session::AppLink *Applications::make_way(hub::LoopIndex loop) {
    ways_.push_back(std::make_unique<Way>(*this, loop));
    return ways_.back().get();
}

bool Applications::hears(size_t queue, size_t listener) const {
    return listener == AppRecord::kNoListener || heard_by_[listener][queue];
}

uint32_t Applications::mask_of(size_t listener) const {
    uint32_t mask = 0;
    for (size_t i = 0; i < queues_.size(); ++i)
        mask |= hears(i, listener) ? queues_[i]->wants() : 0;
    return mask;
}

bool Applications::wants_presence() const {
    const uint32_t mask = mask_of(AppRecord::kNoListener);
    return (mask & (module::app_bit(WSE_APP_EVENT_JOIN) | module::app_bit(WSE_APP_EVENT_LEAVE))) !=
           0;
}

void Applications::tell_presence(const hub::Presence::Change &move) {
    const bool is_join = move.kind == hub::Presence::Kind::kJoin;
    const module::AppEvent event{.event = is_join ? WSE_APP_EVENT_JOIN : WSE_APP_EVENT_LEAVE,
                                 .user = move.user,
                                 .topic = move.topic,
                                 .data = move.data,
                                 .time_ms = clock_.wall_ms()};
    mailbox_.post({Step::kTold, 0, 0,
                   AppRecordRef(new AppRecord(event, AppRecord::kNoListener, false, {}, totals_))});
}

void Applications::take(std::vector<Item> &items) {
    for (Item &item : items) {
        take(item);
        item.record = {};  // the queues have it, or nobody wants it
    }
    for (const auto &queue : queues_) queue->go();
}

void Applications::take(const Item &item) {
    if (item.step == Step::kFinish) return start_finish();
    const std::string connection(item.record->event().connection);
    if (item.step == Step::kOpened) places_[connection] = {item.loop, item.serial};
    if (item.step == Step::kClosed) places_.erase(connection);
    spread(item.record);
}

void Applications::spread(const AppRecordRef &record) {
    const uint32_t bit = module::app_bit(record->event().event);
    for (size_t i = 0; i < queues_.size(); ++i) {
        if (hears(i, record->listener()) && (queues_[i]->wants() & bit) != 0)
            queues_[i]->push(record);
    }
}

bool Applications::has(std::string_view instance) const {
    return std::any_of(queues_.begin(), queues_.end(),
                       [&](const auto &queue) { return queue->instance_name() == instance; });
}

void Applications::progress(std::string_view instance) {
    for (const auto &queue : queues_) {
        if (queue->instance_name() == instance) queue->progress();
    }
}

std::vector<Applications::Row> Applications::rows() const {
    std::vector<Row> rows;
    for (const auto &queue : queues_)
        rows.push_back({queue->instance_name(), queue->events(), queue->bytes(), queue->is_away()});
    return rows;
}

// All commands to a connection go to its loop through that loop's tasks, which keep their order.
int32_t Applications::command(const std::string &instance, const wse_app_command &command,
                              Done done) {
    auto steering = read_steering(command, settings_.limits, clock_.wall_ms());
    if (!steering) {
        log::warn("server", "app.command_refused",
                  {{"module", instance}, {"error", steering.error().text}});
        return steering.error().status;
    }
    const size_t bytes = size_of(command);
    if (command_bytes_ > 0 && command_bytes_ + bytes > kMaxCommandBytes) return WSE_EAGAIN;
    command_bytes_ += bytes;
    const auto told = [this, bytes, done = std::move(done)](int32_t status, std::string text) {
        service_.post([this, bytes, done, status, text = std::move(text)] {
            answer(bytes, done, status, text);
        });
    };
    const auto place = places_.find(std::string(module::to_view(command.connection)));
    if (place == places_.end()) {
        told(WSE_ENOTFOUND, {});
        return WSE_OK;
    }
    reach_(place->second.loop, [serial = place->second.serial, told,
                                steering = std::move(*steering)](session::Context &loop) {
        session::Session *const session = loop.find(serial);
        session ? session->steer(steering, told) : told(WSE_ENOTFOUND, {});
    });
    return WSE_OK;
}

void Applications::answer(size_t bytes, const Done &done, int32_t status, const std::string &text) {
    command_bytes_ -= bytes;
    if (done) done(status, text);
}

void Applications::begin_finish() {
    mailbox_.post({Step::kFinish});
}

void Applications::start_finish() {
    open_ = queues_.size();
    for (const auto &queue : queues_) {
        queue->finish(settings_.limits.close_timeout_ms, [this] {
            if (--open_ == 0) finished_.set_value();
        });
    }
}

bool Applications::wait_finished(uint64_t stuck_ms) {
    const std::chrono::milliseconds longest(settings_.limits.close_timeout_ms + stuck_ms);
    auto finished = finished_.get_future();
    for (uint64_t before = steps_;; before = steps_) {
        if (finished.wait_for(longest) == std::future_status::ready) return true;
        if (steps_ == before) return false;
    }
}

}  // namespace wse::server
