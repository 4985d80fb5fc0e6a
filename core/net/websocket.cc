// SPDX-License-Identifier: MIT
#include "net/websocket.h"

#include <array>
#include <cerrno>
#include <cstring>

#include "base/log.h"
#include "base/uuid.h"
#include "net/upgrade.h"

namespace wse::net {
namespace {

constexpr size_t kWriteAtOnce = 256 * 1024;  // queued bytes that do not wait for the turn's end
constexpr uint16_t kInternalError = 1011;

// Extensions are for messages: RSV1 on a control frame would fail the connection.
bool is_message(const Frame &frame) {
    return frame.opcode() == Opcode::kText || frame.opcode() == Opcode::kBinary;
}

}  // namespace

WebSocket::WebSocket(Context &context, Socket socket)
    : Stage(context, std::move(socket), context.websockets),
      id_(uuid7(context.clock.wall_ms())),
      parser_(context.limits.max_message_bytes) {}

void WebSocket::open(UpgradeGate &gate, const RequestHead &head, std::string_view early) {
    extension_ = gate.extend(head);
    if (extension_) parser_.allow_encoded();
    outbox_.push(
        make_ref<const Frame>(upgrade_answer(head, extension_ ? extension_->answer() : "")));
    context_.poller.flush_later(*this);
    held_ = early;
    if (!held_.empty()) context_.poller.run_again(*this);
    log::debug("net", "connection.open", {{"conn", id_}, {"peer", peer().ip}});
    handler_ = gate.open(*this, head);
    if (!handler_) close(kInternalError, "");
}

bool WebSocket::send(FrameRef frame) {
    if (phase_ != Phase::kOpen || write_failed_) return true;
    drain_due_ = true;
    // Before it is encoded: an extension may count on it that what it has encoded is sent.
    if (outbox_.bytes() + frame->wire().size() > context_.limits.max_outbound_bytes) return false;
    if (extension_ && is_message(*frame)) frame = extension_->encode(frame);
    const size_t size = frame->wire().size();
    outbox_.push(std::move(frame));
    count(Counter::messages_sent);
    context_.poller.flush_later(*this);
    // Once per step of this size, so that a peer that does not read is not tried at every frame.
    const size_t queued = outbox_.bytes();
    if (queued / kWriteAtOnce != (queued - size) / kWriteAtOnce) write();
    return true;
}

void WebSocket::close(uint16_t code, std::string_view reason) {
    if (phase_ != Phase::kOpen) return;
    if (!is_close_code(code)) code = kInternalError;
    say_goodbye(Phase::kClosing, {code, false, std::string(reason)}, true);
    // The peer's close frame must be found, also behind what was held back.
    resume_reading();
}

void WebSocket::pause_reading() {
    if (phase_ == Phase::kOpen) paused_ = true;
}

void WebSocket::resume_reading() {
    if (!paused_) return;
    paused_ = false;
    // Not at once: the caller may stand inside a message.
    context_.poller.run_again(*this);
}

void WebSocket::say_goodbye(Phase phase, CloseReason reason, bool with_frame) {
    if (with_frame) outbox_.push(make_close_frame(reason.code, reason.text));
    phase_ = phase;
    if (!goodbye_) {
        goodbye_ = std::make_unique<Goodbye>(*this);
        goodbye_->reason = std::move(reason);
    }
    context_.loop.timers().schedule(goodbye_->deadline, context_.limits.close_timeout_ms);
    context_.poller.flush_later(*this);
}

void WebSocket::fail(uint16_t code, std::string_view why) {
    count(Counter::protocol_errors);
    log::info("net", "connection.protocol_error",
              {{"conn", id_}, {"peer", peer().ip}, {"code", code}, {"why", why}});
    say_goodbye(Phase::kEnding, {code, false, std::string(why)}, phase_ == Phase::kOpen);
}

void WebSocket::cut(std::string_view why) {
    end(why);
}

}  // namespace wse::net
