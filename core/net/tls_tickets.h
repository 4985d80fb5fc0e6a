// SPDX-License-Identifier: MIT
// TicketKeys: what session tickets are sealed with, the same for all listeners and loops, so that a
// client resumes its session wherever the kernel puts it. A key seals for twelve hours and opens
// for twelve more; then whoever steals it reads nothing that is new, and nothing that is old.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>

#include "base/clock.h"

namespace wse::net {

class TicketKeys {
public:
    struct Key {
        std::array<uint8_t, 16> name;  // in the clear at the front of a ticket
        std::array<uint8_t, 32> cipher;
        std::array<uint8_t, 32> mac;
        uint64_t born_ms;

        ~Key();  // leaves nothing of it in memory
    };
    struct Found {
        Key key;
        bool seals;  // it is still the one for new tickets
    };

    explicit TicketKeys(const Clock &clock) : clock_(clock) {}
    TicketKeys(const TicketKeys &) = delete;
    TicketKeys &operator=(const TicketKeys &) = delete;

    // [any] The one that seals.
    Key current();
    // [any] The one of that name, while it opens.
    std::optional<Found> find(std::span<const uint8_t> name);

private:
    static constexpr uint64_t kSealsMs = uint64_t{12} * 3600 * 1000;
    // A ticket is good for twelve hours: the key before the one that seals opens all of them.
    static constexpr size_t kMostKeys = 2;

    void drop_old(uint64_t now_ms);

    const Clock &clock_;
    std::mutex mutex_;
    std::array<std::optional<Key>, kMostKeys> keys_;  // the newest first
};

}  // namespace wse::net
