// SPDX-License-Identifier: MIT
#include "net/echo.h"

#include <utility>

#include "net/frame.h"

namespace wse::net {
namespace {

constexpr uint16_t kTooBig = 1009;

class Echo final : public MessageHandler {
public:
    explicit Echo(Connection &connection) : connection_(connection) {}

    void on_text(std::string_view message) override { answer(Opcode::kText, message); }
    void on_binary(std::string_view message) override { answer(Opcode::kBinary, message); }
    void on_activity() override {}
    void on_drained() override {
        if (!waiting_) return;
        if (!connection_.send(std::exchange(waiting_, FrameRef())))
            return connection_.close(kTooBig, "message is larger than the queue");
        connection_.resume_reading();
    }
    void on_closed(const CloseReason &) override {}

private:
    // One frame waits while the queue is full, and nothing is read until it is queued.
    void answer(Opcode opcode, std::string_view message) {
        FrameRef frame = make_frame(opcode, message);
        if (connection_.send(frame)) return;
        waiting_ = std::move(frame);
        if (connection_.queued_bytes() == 0) return on_drained();
        connection_.pause_reading();
    }

    Connection &connection_;
    FrameRef waiting_;  // null: there is room
};

}  // namespace

std::unique_ptr<MessageHandler> EchoGate::open(Connection &connection, const RequestHead &) {
    return std::make_unique<Echo>(connection);
}

}  // namespace wse::net
