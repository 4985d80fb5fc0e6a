// SPDX-License-Identifier: MIT
// Gate: which requests of one listener become sessions on one loop. [loop]
#pragma once

#include "session/context.h"

namespace wse::session {

class Gate final : public net::UpgradeGate {
public:
    // `context` outlives it.
    Gate(Context &context, GenerationRef generation, size_t listener)
        : context_(context), generation_(std::move(generation)), listener_(listener) {}

    net::Refusal admit(const net::RequestHead &head, const net::Peer &peer) override;
    std::unique_ptr<net::Extension> extend(const net::RequestHead &head) override;
    std::unique_ptr<net::MessageHandler> open(net::Connection &connection,
                                              const net::RequestHead &head) override;

private:
    void observe_refusal(const net::Peer &peer) const;

    Context &context_;
    GenerationRef generation_;
    size_t listener_;
};

}  // namespace wse::session
