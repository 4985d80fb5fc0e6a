// SPDX-License-Identifier: MIT
// Listener: accepts on one listening socket of a loop, within the limits. Who comes over them is
// answered 503. Out of descriptors it refuses with a spare one and rests; nothing spins.
#pragma once

#include "loop/timer_wheel.h"
#include "net/stage.h"

namespace wse::net {

class Listener final : public Pollable {
public:
    // Takes over options.fd. [loop] or before it runs; `limits` outlives it.
    Listener(Context &context, ConnectionLimits &limits, ListenerOptions options);
    ~Listener() override;

    Result<void> start();
    // Closes the listening socket. Connections stay, and use the options until they end.
    void stop();
    void on_events(uint32_t events) override;

private:
    void take(int fd, const sockaddr_storage &address);
    void refuse(int fd, Socket socket);
    void out_of_descriptors(int why);

    Context &context_;
    ConnectionLimits &limits_;
    const ListenerOptions options_;
    int fd_;
    int spare_;
    bool resting_ = false;
    bool starved_ = false;  // logged; until an accept succeeds
    Timer rest_;
};

}  // namespace wse::net
