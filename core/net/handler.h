// SPDX-License-Identifier: MIT
// The seam between net and what is above it. net speaks HTTP and RFC 6455; the session layer
// implements UpgradeGate and MessageHandler. Everything here runs on the connection's loop.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/ref.h"

namespace wse::net {

struct Peer {
    std::string ip;  // as text, "203.0.113.7" or "2001:db8::1"
    uint16_t port = 0;
};

struct Header {
    std::string name;  // lower case
    std::string value;
};

// A parsed and checked request head.
struct RequestHead {
    std::string method;
    std::string path;   // of the target, before '?', as sent
    std::string query;  // after '?', as sent; may carry a token: never logged
    std::vector<Header> headers;

    // The first header of that lower-case name, or empty.
    std::string_view header(std::string_view name) const;
};

// Bytes on the wire, header and payload, built once and shared by many connections and loops.
class Frame final : public RefCounted<Frame> {
public:
    explicit Frame(std::string wire) : wire_(std::move(wire)) {}
    // Any thread. An unmasked text or binary message in one frame.
    static Ref<const Frame> text(std::string_view payload);
    std::string_view wire() const { return wire_; }

private:
    std::string wire_;
};
using FrameRef = Ref<const Frame>;

// Why a connection ended, for the log and `wsectl`.
struct CloseReason {
    uint16_t code = 1006;  // close code sent or received; 1006: none
    bool by_peer = false;  // the peer closed first
    std::string text;      // reason sent or received, or what the socket said
};

// One open WebSocket, as the session sees it. Valid until MessageHandler::on_closed returns.
class Connection {
public:
    virtual ~Connection() = default;
    virtual const std::string &id() const = 0;  // UUIDv7, also the session's id
    virtual const Peer &peer() const = 0;
    // Queues the frame; all queued frames leave in one write at the end of the loop turn.
    // False: the outbound limit is reached, and the frame was not queued. A connection that is
    // ending drops it and says true: its end is no fault of the sender, and on_closed follows.
    virtual bool send(FrameRef frame) = 0;
    virtual size_t queued_bytes() const = 0;
    // Sends what is queued, then a close frame; nothing is sent and no message is delivered
    // afterwards. The connection ends when the peer answers or after the close timeout. Calling it
    // again does nothing. A code that may not stand in a close frame becomes 1011.
    virtual void close(uint16_t code, std::string_view reason) = 0;
    // While paused nothing is read and no message comes (a session waits for its auth module).
    virtual void pause_reading() = 0;
    virtual void resume_reading() = 0;
};

// The session's side of one WebSocket. Owned by the connection, destroyed after on_closed.
class MessageHandler {
public:
    virtual ~MessageHandler() = default;
    // Messages whole and unmasked; text is valid UTF-8. The view is borrowed for the call.
    virtual void on_text(std::string_view message) = 0;
    virtual void on_binary(std::string_view message) = 0;
    // Any frame arrived, control frames included: somebody is alive there.
    virtual void on_activity() = 0;
    // The outbound queue has become empty after a send.
    virtual void on_drained() = 0;
    // The last call. No Connection function may be called after it.
    virtual void on_closed(const CloseReason &reason) = 0;
};

// How a request for the WebSocket path is answered.
struct Refusal {
    int status = 0;    // HTTP status: 403, 503
    std::string text;  // one sentence for the body
};

class UpgradeGate {
public:
    virtual ~UpgradeGate() = default;
    // Before the 101: may this request become a WebSocket? status 0 admits (origin, draining).
    virtual Refusal admit(const RequestHead &head, const Peer &peer) = 0;
    // After the 101 has been queued: the handler of the new connection.
    virtual std::unique_ptr<MessageHandler> open(Connection &connection,
                                                 const RequestHead &head) = 0;
};

}  // namespace wse::net
