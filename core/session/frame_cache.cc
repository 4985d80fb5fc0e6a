// SPDX-License-Identifier: MIT
#include "session/frame_cache.h"

#include "net/frame.h"
#include "proto/server_messages.h"

namespace wse::session {
namespace {

// More than one answer of the hub carries, so that none pushes out its own.
constexpr size_t kPlaces = 2048;

// The frame has all that the message has, so both are counted by its size.
size_t cost_of(const net::FrameRef &frame) {
    return frame ? 2 * frame->wire().size() : 0;
}

}  // namespace

net::FrameRef FrameCache::frame_of(const proto::MessageRef &message) {
    if (places_.empty()) places_.resize(kPlaces);
    Place &place = place_of(*message);
    if (place.message.get() == message.get()) return place.frame;
    net::FrameRef frame = net::Frame::text(proto::event(*message));
    const size_t cost = cost_of(frame);
    if (cost > max_bytes_) return frame;
    bytes_ -= cost_of(place.frame);
    place = {};
    // Who is next to be asked for cannot be told, and starting anew costs a frame each.
    if (bytes_ + cost > max_bytes_) {
        places_.assign(kPlaces, {});
        bytes_ = 0;
    }
    place = {message, frame};
    bytes_ += cost;
    return frame;
}

// The offsets of a topic follow one another, and its epoch is as good as random.
FrameCache::Place &FrameCache::place_of(const proto::Message &message) {
    return places_[(message.position.offset + message.position.epoch) % kPlaces];
}

}  // namespace wse::session
