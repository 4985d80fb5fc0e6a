// SPDX-License-Identifier: MIT
#include "draining.h"

#include <sys/random.h>

#include <algorithm>
#include <utility>

#include "abi/module_class.h"

namespace wse::app_socket {
namespace {

constexpr uint64_t kMostEvents = 10000;
constexpr uint64_t kMostWaitMs = 60000;
constexpr size_t kMaxId = 64;  // bytes, as written

std::string random_epoch() {
    static constexpr char kHex[] = "0123456789abcdef";
    unsigned char bytes[8] = {};
    static_cast<void>(!getrandom(bytes, sizeof bytes, 0));
    std::string text;
    for (const unsigned char byte : bytes) {
        text += kHex[byte >> 4];
        text += kHex[byte & 15];
    }
    return text;
}

Step wrong_ack() {
    return Step::wrong("bad_ack", "ack, seq: no event with this number has been given out");
}

}  // namespace

Draining::Draining(const wse_host *host, wse_loop *loop, Backends &backends,
                   const Counters &counters, uint64_t max_frame)
    : host_(host),
      loop_(loop),
      backends_(backends),
      counters_(counters),
      max_frame_(max_frame),
      epoch_(random_epoch()),
      wait_(static_cast<uv_loop_t *>(host->uv(host, loop)), [this] { answer_waiting(); }) {}

int32_t Draining::deliver(const wse_app_event *events, uint64_t count, wse_batch_token *token) {
    if (feed_.is_open()) return WSE_EAGAIN;
    feed_.put(events, count, token);
    if (feed_.is_acknowledged()) {
        host_->batch_done(host_, feed_.finish());
        return WSE_OK;
    }
    // The token is ours from here on.
    const int32_t status = abi::guarded([this] {
        if (request_.is_open) answer_waiting();
        return WSE_OK;
    });
    if (status != WSE_OK) {
        if (Backend *const backend = backends_.find(drainer_))
            backend->socket->break_off("out of memory");
    }
    return WSE_OK;
}

// False, and told, when the backend has to wait.
bool Draining::become_drainer(Backend &backend, std::string_view id) {
    if (drainer_ == backend.id() && request_.is_open) {
        backends_.tell(backend, {"busy", "a drain of this connection is not answered yet"}, id);
        return false;
    }
    if (drainer_ != 0 && drainer_ != backend.id() && !backend.takes_over) {
        backends_.tell(backend, {"busy", "another connection drains; say takeover in the hello"},
                       id);
        return false;
    }
    if (drainer_ != 0 && drainer_ != backend.id())
        backends_.end(drainer_, {"taken_over", "another connection drains now, as its hello said"});
    drainer_ = backend.id();
    return true;
}

Step Draining::drain(Backend &backend, const app::Members &message) {
    uint64_t most = 256, wait_ms = 0, seq = 0;
    const std::string id(message.raw_or_nothing("id"));
    if (id.size() > kMaxId || !message.number_or_nothing("max", most) ||
        !message.number_or_nothing("wait_ms", wait_ms) || most == 0)
        return Step::wrong("bad_drain", "drain: max, from 1, and wait_ms are numbers, id is short");
    if (!message.number_or_nothing("ack", seq) || !feed_.was_given(seq)) return wrong_ack();
    acknowledge(seq);
    if (!become_drainer(backend, id)) return Step::done();
    request_ = {true, id, std::min(most, kMostEvents)};
    if (feed_.has_more() || wait_ms == 0) {
        answer(backend);
    } else {
        wait_.start(std::min(wait_ms, kMostWaitMs));
    }
    return Step::done();
}

void Draining::answer_waiting() {
    Backend *const backend = backends_.find(drainer_);
    if (backend && request_.is_open) answer(*backend);
}

void Draining::answer(Backend &backend) {
    wait_.stop();
    std::string body;
    MessageWriter out(backend.form, body);
    out.begin_map().member("op", "events").member_json("id", request_.id);
    out.key("events").begin_array();
    const uint64_t count = feed_.give(out, request_.most, max_frame_);
    out.end().end();
    request_ = {};
    if (count > 0) counters_.add(kEvents, count);
    backend.socket->send(body);
}

Step Draining::ack(const app::Members &message) {
    uint64_t seq = 0;
    if (!message.number_or_nothing("seq", seq) || seq == 0 || !feed_.was_given(seq))
        return wrong_ack();
    acknowledge(seq);
    return Step::done();
}

void Draining::acknowledge(uint64_t seq) {
    const uint64_t moved = feed_.acknowledge(seq);
    if (moved == 0) return;
    counters_.add(kAcks, moved);
    if (feed_.is_acknowledged()) {
        host_->batch_done(host_, feed_.finish());
    } else {
        host_->batch_progress(host_, loop_, feed_.token());
    }
    changed();
}

Problem Draining::resume(const Hello &hello) {
    if (hello.epoch != epoch_) return {};
    if (!feed_.was_given(hello.seq))
        return {"bad_resume", "resume: no event with this number has been given out"};
    acknowledge(hello.seq);
    return {};
}

void Draining::gone(const Backend &backend) {
    if (drainer_ != backend.id()) return;
    drainer_ = 0;
    request_ = {};
    wait_.stop();
    feed_.give_again();
    changed();
}

uint64_t Draining::give_up() {
    if (!feed_.is_open()) return 0;
    const uint64_t lost = feed_.unacknowledged();
    host_->batch_done(host_, feed_.finish());
    return lost;
}

}  // namespace wse::app_socket
