// SPDX-License-Identifier: MIT
// An established WebSocket: frames in, frames out, and its close handshake. Small, because there
// are many and most of them are idle: buffers and the deadline exist only while they are needed.
#pragma once

#include <memory>
#include <string>

#include "loop/timer_wheel.h"
#include "net/framing.h"
#include "net/handler.h"
#include "net/outbox.h"
#include "net/stage.h"

namespace wse::net {

class WebSocket final : public Stage, public Connection {
public:
    WebSocket(Context &context, Socket socket);

    // Once, when it is watched: queues the 101 and asks the gate for its handler. `early` is what
    // came behind the request head.
    void open(UpgradeGate &gate, const RequestHead &head, std::string_view early);

    const std::string &id() const override { return id_; }
    const Peer &peer() const override { return socket_.peer(); }
    bool send(FrameRef frame) override;
    size_t queued_bytes() const override { return outbox_.bytes(); }
    void close(uint16_t code, std::string_view reason) override;
    void pause_reading() override;
    void resume_reading() override;

    void on_events(uint32_t events) override;
    void flush() override;
    void cut(std::string_view why) override;

private:
    enum class Phase : uint8_t {
        kOpen,
        kClosing,  // we have queued a close frame and wait for the peer's
        kEnding,   // nothing more is read: the connection ends when the outbox is empty
        kEnded,    // on_closed has been called
    };
    // What exists only from the first close frame on.
    struct Goodbye {
        explicit Goodbye(WebSocket &self) : deadline([&self] { self.end("close timeout"); }) {}
        CloseReason reason;
        Timer deadline;
    };

    void read();
    size_t take_in(std::span<char> bytes);
    void take_event(const FrameEvent &event);
    void take_message(const FrameEvent &event);
    bool decode(const FrameEvent &event, std::string &out);
    void answer_ping(std::string_view payload);
    void say_goodbye(Phase phase, CloseReason reason, bool with_frame);
    void fail(uint16_t code, std::string_view why);
    void write();
    void finish();
    void end(std::string_view why);
    void notify_closed(std::string_view why);

    std::string id_;
    std::unique_ptr<MessageHandler> handler_;
    std::unique_ptr<Goodbye> goodbye_;
    std::unique_ptr<Extension> extension_;  // null: none is agreed
    FrameParser parser_;
    Outbox outbox_;
    FrameRef late_pong_;  // the answer to the latest ping, while kMaxPongs are unsent
    std::string held_;    // input that came before reading was paused
    uint32_t held_at_ = 0;
    uint16_t pongs_ = 0;  // queued since the outbox was last empty
    Phase phase_ = Phase::kOpen;
    bool paused_ = false;
    bool peer_ended_ = false;  // the end of its stream is waiting behind its last bytes
    bool write_failed_ = false;
    bool drain_due_ = false;  // a send since the last on_drained, also one that was refused
};

}  // namespace wse::net
