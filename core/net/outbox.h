// SPDX-License-Identifier: MIT
// Outbox: the frames a connection has yet to write, shared with other connections, and how far the
// first one has gone out. Holds no memory while it is empty.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <span>
#include <vector>

#include "net/handler.h"

namespace wse::net {

class Outbox {
public:
    bool empty() const { return bytes_ == 0; }
    size_t bytes() const { return bytes_; }

    // An empty frame is not kept.
    void push(FrameRef frame);
    // Points `out` at what comes next; the number of entries filled.
    size_t gather(std::span<iovec> out) const;
    // `count` bytes of what gather() showed have been written.
    void consume(size_t count);

private:
    std::vector<FrameRef> frames_;
    size_t first_ = 0;   // index of the frame that is next; those before it are gone
    size_t offset_ = 0;  // bytes of it already written
    size_t bytes_ = 0;
};

}  // namespace wse::net
