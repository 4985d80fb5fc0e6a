// SPDX-License-Identifier: MIT
// A WebSocket that sends every message back as it came, for suites that test the framing. Not for
// the public: it asks nobody who he is. [loop]
#pragma once

#include "net/handler.h"

namespace wse::net {

class EchoGate final : public UpgradeGate {
public:
    // The gate of the listener, which says who may connect and what extension there is; outlives
    // this one.
    explicit EchoGate(UpgradeGate &listener) : listener_(listener) {}

    Refusal admit(const RequestHead &head, const Peer &peer) override {
        return listener_.admit(head, peer);
    }
    std::unique_ptr<Extension> extend(const RequestHead &head) override {
        return listener_.extend(head);
    }
    std::unique_ptr<MessageHandler> open(Connection &connection, const RequestHead &head) override;

private:
    UpgradeGate &listener_;
};

}  // namespace wse::net
