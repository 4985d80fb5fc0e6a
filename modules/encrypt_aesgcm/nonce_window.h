// SPDX-License-Identifier: MIT
// The last nonces that came under one key, so that none is taken twice.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace wse::encrypt_aesgcm {

inline constexpr size_t kNonceBytes = 12;
using Nonce = std::array<uint8_t, kNonceBytes>;

// A ring with chains by hash through it: looking, adding and giving up the oldest take constant
// time. It grows with what comes, up to kLimit nonces, which are 16 KiB.
class NonceWindow {
public:
    static constexpr size_t kLimit = 1024;

    bool has(const Nonce &nonce) const;
    // Makes room for one more, so that add() needs no memory. Throws std::bad_alloc; nothing has
    // changed then.
    void reserve();
    // Behind reserve(), of one that has() not.
    void add(const Nonce &nonce);

    size_t size() const { return count_; }
    // 0 is the oldest.
    const Nonce &at(size_t place) const { return ring_[(first_ + place) % ring_.size()].nonce; }

private:
    using Place = uint16_t;
    static constexpr Place kNone = 0xffff;

    struct Entry {
        Nonce nonce;
        Place next;  // of those with the same hash
    };

    size_t bucket(const Nonce &nonce) const;
    void link(Place place);
    void unlink(Place place);

    std::vector<Entry> ring_;  // its size is a power of two
    std::vector<Place> chains_;
    size_t first_ = 0;
    size_t count_ = 0;
};

}  // namespace wse::encrypt_aesgcm
