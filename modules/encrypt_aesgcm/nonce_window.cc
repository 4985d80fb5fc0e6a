// SPDX-License-Identifier: MIT
#include "nonce_window.h"

#include <algorithm>
#include <cstring>

namespace wse::encrypt_aesgcm {
namespace {

constexpr size_t kFirst = 16;

}  // namespace

// Not seeded: a chain grows by frames of who has the key, so that a client can make none but its
// own messages slower, by at most kLimit comparisons.
size_t NonceWindow::bucket(const Nonce &nonce) const {
    uint64_t head = 0;
    uint32_t tail = 0;
    std::memcpy(&head, nonce.data(), sizeof head);
    std::memcpy(&tail, nonce.data() + sizeof head, sizeof tail);
    constexpr uint64_t kOdd = 0x9e3779b97f4a7c15;
    const uint64_t mixed = (head ^ (uint64_t{tail} << 17 | tail)) * kOdd;
    return (mixed >> 32) & (chains_.size() - 1);
}

bool NonceWindow::has(const Nonce &nonce) const {
    if (chains_.empty()) return false;
    for (Place place = chains_[bucket(nonce)]; place != kNone; place = ring_[place].next) {
        if (ring_[place].nonce == nonce) return true;
    }
    return false;
}

void NonceWindow::link(Place place) {
    Place &head = chains_[bucket(ring_[place].nonce)];
    ring_[place].next = head;
    head = place;
}

void NonceWindow::unlink(Place place) {
    Place *at = &chains_[bucket(ring_[place].nonce)];
    while (*at != place) at = &ring_[*at].next;
    *at = ring_[place].next;
}

void NonceWindow::reserve() {
    if (count_ < ring_.size() || count_ == kLimit) return;
    const size_t size = std::max(kFirst, ring_.size() * 2);
    std::vector<Entry> ring(size);
    std::vector<Place> chains(size, kNone);
    for (size_t i = 0; i < count_; ++i) ring[i].nonce = at(i);
    ring_.swap(ring);
    chains_.swap(chains);
    first_ = 0;
    for (size_t i = 0; i < count_; ++i) link(static_cast<Place>(i));
}

void NonceWindow::add(const Nonce &nonce) {
    if (count_ == ring_.size()) {
        unlink(static_cast<Place>(first_));
        first_ = (first_ + 1) % ring_.size();
        --count_;
    }
    const auto place = static_cast<Place>((first_ + count_) % ring_.size());
    ring_[place].nonce = nonce;
    link(place);
    ++count_;
}

}  // namespace wse::encrypt_aesgcm
