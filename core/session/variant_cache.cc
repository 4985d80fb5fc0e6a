// SPDX-License-Identifier: MIT
#include "session/variant_cache.h"

#include <functional>

namespace wse::session {
namespace {

// More than one answer of the hub carries, in a few forms. What falls into one set has some places,
// so that frames that are replayed together do not push one another out.
constexpr size_t kSets = 1024;
constexpr size_t kWays = 4;

}  // namespace

// The address of a frame is its own as long as it is kept.
size_t VariantCache::set_of(const net::FrameRef &from, uint64_t variant) {
    uint64_t mixed = std::hash<const void *>()(from.get()) ^ (variant * 0x9e3779b97f4a7c15U);
    mixed = (mixed ^ (mixed >> 33U)) * 0xff51afd7ed558ccdU;
    return (mixed >> 33U) % kSets * kWays;
}

VariantCache::Place *VariantCache::place_of(const net::FrameRef &from, uint64_t variant) {
    const size_t set = set_of(from, variant);
    for (size_t i = set; i < set + kWays; ++i) {
        if (places_[i].from.get() == from.get() && places_[i].variant == variant)
            return &places_[i];
    }
    return nullptr;
}

VariantCache::Place *VariantCache::place_for(const net::FrameRef &from, uint64_t variant) {
    const size_t set = set_of(from, variant);
    for (size_t i = set; i < set + kWays; ++i) {
        if (!places_[i].from) return &places_[i];
    }
    return &places_[set + turn_++ % kWays];
}

size_t VariantCache::cost_of(const Place &place) {
    return place.from ? place.from->wire().size() + place.made->wire().size() : 0;
}

net::FrameRef VariantCache::find(const net::FrameRef &from, uint64_t variant) {
    if (places_.empty()) return {};
    const Place *const place = place_of(from, variant);
    return place ? place->made : net::FrameRef();
}

void VariantCache::keep(const net::FrameRef &from, uint64_t variant, const net::FrameRef &made) {
    if (places_.empty()) places_.resize(kSets * kWays);
    Place fresh{from, variant, made};
    const size_t cost = cost_of(fresh);
    if (cost > max_bytes_) return;
    Place *place = place_of(from, variant);
    if (!place) place = place_for(from, variant);
    bytes_ -= cost_of(*place);
    *place = {};
    // Who is next to be asked for cannot be told, and starting anew costs a frame each.
    if (bytes_ + cost > max_bytes_) {
        places_.assign(kSets * kWays, {});
        bytes_ = 0;
    }
    *place = std::move(fresh);
    bytes_ += cost;
}

}  // namespace wse::session
