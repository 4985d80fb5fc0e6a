// SPDX-License-Identifier: MIT
// FrameCache: the frames of messages that were replayed lately. After a restart or a broken network
// many clients miss the same messages: each is encoded once, and its bytes are shared, as those of
// live ones are. What is in a client's queue stays there whatever the cache forgets. [loop]
#pragma once

#include <cstddef>
#include <vector>

#include "net/handler.h"
#include "proto/message.h"

namespace wse::session {

class FrameCache {
public:
    // Of frames and of the messages they were made from, which are kept as long.
    explicit FrameCache(size_t max_bytes = size_t{8} << 20) : max_bytes_(max_bytes) {}
    FrameCache(const FrameCache &) = delete;
    FrameCache &operator=(const FrameCache &) = delete;

    // The message as subscribers get it.
    net::FrameRef frame_of(const proto::MessageRef &message);
    size_t bytes() const { return bytes_; }

private:
    struct Place {
        proto::MessageRef message;
        net::FrameRef frame;
    };

    Place &place_of(const proto::Message &message);

    const size_t max_bytes_;
    size_t bytes_ = 0;
    std::vector<Place> places_;  // empty, or kPlaces
};

}  // namespace wse::session
