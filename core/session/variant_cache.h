// SPDX-License-Identifier: MIT
// VariantCache: what a transform made of the frames that were sent lately. All clients of a loop
// that take a frame in one form share it: it is made once, live and in replays. [loop]
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "net/handler.h"

namespace wse::session {

class VariantCache {
public:
    // Of the frames that were made and of those they were made from, which are kept as long.
    explicit VariantCache(size_t max_bytes = size_t{8} << 20) : max_bytes_(max_bytes) {}
    VariantCache(const VariantCache &) = delete;
    VariantCache &operator=(const VariantCache &) = delete;

    // Null: not kept. A variant is any number that stands for one way to make a frame.
    net::FrameRef find(const net::FrameRef &from, uint64_t variant);
    // `made` may be `from`: that it stays as it is.
    void keep(const net::FrameRef &from, uint64_t variant, const net::FrameRef &made);
    size_t bytes() const { return bytes_; }

private:
    struct Place {
        net::FrameRef from;
        uint64_t variant = 0;
        net::FrameRef made;
    };

    static size_t set_of(const net::FrameRef &from, uint64_t variant);
    Place *place_of(const net::FrameRef &from, uint64_t variant);
    // An empty one, or one whose frames give way.
    Place *place_for(const net::FrameRef &from, uint64_t variant);
    static size_t cost_of(const Place &place);

    const size_t max_bytes_;
    size_t bytes_ = 0;
    std::vector<Place> places_;  // empty, or sets of them, one behind the other
    size_t turn_ = 0;            // whose place in a full set is taken next
};

}  // namespace wse::session
