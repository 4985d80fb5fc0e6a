// SPDX-License-Identifier: MIT
// Upstream: the fallback's end of a relay, in the poller. Owns its descriptor. [loop]
#pragma once

#include <sys/types.h>

#include <memory>
#include <span>
#include <string_view>

#include "net/poller.h"

namespace wse::net {

class Upstream final : public Pollable {
public:
    // Who has it: a relay, later a tunnel.
    class Owner {
    public:
        virtual ~Owner() = default;
        // EPOLL* bits that became true.
        virtual void on_upstream(uint32_t events) = 0;
    };

    // Takes `fd` over.
    Upstream(Poller &poller, int fd, Owner &owner);
    ~Upstream() override;

    // False: the kernel refused to watch it, and no event will come.
    bool is_watched() const { return watched_; }
    void on_events(uint32_t events) override { owner_->on_upstream(events); }
    void belong_to(Owner &owner) { owner_ = &owner; }
    // Why it could not connect: an errno, or 0.
    int connect_error() const;
    // As Socket's.
    ssize_t read(std::span<char> into);
    ssize_t write(std::string_view bytes);
    void shut_down_writing();

    // Closes it. The object lives on to the end of the turn: it may be the one that calls.
    static void end(std::unique_ptr<Upstream> upstream);

private:
    void close();

    Poller &poller_;
    Owner *owner_;
    int fd_;
    bool watched_;
};

}  // namespace wse::net
