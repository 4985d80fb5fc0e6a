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
    std::string subject = {};  // of its TLS certificate, which was verified (RFC 4514); or empty
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

enum class Opcode : uint8_t {
    kContinuation = 0x0,
    kText = 0x1,
    kBinary = 0x2,
    kClose = 0x8,
    kPing = 0x9,
    kPong = 0xa,
};

// Bytes on the wire, header and payload, built once and shared by many connections and loops.
class Frame final : public RefCounted<Frame> {
public:
    // `bare`: goes out as it is, whatever is done to a session's messages (keep-alives).
    explicit Frame(std::string wire, bool bare = false) : wire_(std::move(wire)), bare_(bare) {}
    // Any thread. An unmasked text message in one frame.
    static Ref<const Frame> text(std::string_view payload, bool bare = false);
    std::string_view wire() const { return wire_; }
    // Of what is a frame, as everything is that Connection::send takes.
    Opcode opcode() const { return static_cast<Opcode>(wire_.front() & 0x0f); }
    std::string_view payload() const;
    bool bare() const { return bare_; }

private:
    std::string wire_;
    bool bare_;
};
using FrameRef = Ref<const Frame>;

// A WebSocket extension as it was agreed with one client (RFC 6455 section 9). It works on whole
// messages; RSV1 tells the encoded ones from the others. Owned by the connection.
class Extension {
public:
    virtual ~Extension() = default;
    // What the 101 says in Sec-WebSocket-Extensions.
    virtual std::string answer() const = 0;
    // A text or binary frame as it goes to this client: the frame itself when it stays as it is,
    // which is always allowed. The result is sent, in the order of the calls.
    virtual FrameRef encode(const FrameRef &frame) = 0;
    // Appends to `out` what the payload of an encoded message says, at most `limit` bytes.
    // WSE_ETOOBIG: there are more. WSE_EINVAL: it is malformed. Others: the extension has failed.
    virtual int32_t decode(std::string_view payload, size_t limit, std::string &out) = 0;
};

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
    // The answer to a ping of ours came; with it everything the peer sent before it had the ping.
    virtual void on_pong(std::string_view /*payload*/) {}
    // A ping or a pong arrived; after on_activity. A ping is answered, unless this closes.
    virtual void on_control() {}
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
    // For the 101: the extension that this connection will have; null for none. What the client
    // offers has been checked to be well-formed (net/extensions.h).
    virtual std::unique_ptr<Extension> extend(const RequestHead &) { return nullptr; }
    // After the 101 has been queued: the handler of the new connection.
    virtual std::unique_ptr<MessageHandler> open(Connection &connection,
                                                 const RequestHead &head) = 0;
};

}  // namespace wse::net
