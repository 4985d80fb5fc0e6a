// SPDX-License-Identifier: MIT
#include "net/tls_tickets.h"

#include <string.h>

#include <algorithm>

#include "base/random.h"

namespace wse::net {

TicketKeys::Key::~Key() {
    explicit_bzero(cipher.data(), cipher.size());
    explicit_bzero(mac.data(), mac.size());
}

TicketKeys::Key TicketKeys::current() {
    const std::lock_guard lock(mutex_);
    const uint64_t now = clock_.monotonic_ms();
    drop_old(now);
    if (keys_[0] && now - keys_[0]->born_ms < kSealsMs) return *keys_[0];
    keys_[1] = keys_[0];
    Key &fresh = keys_[0].emplace();
    random_bytes(fresh.name.data(), fresh.name.size());
    random_bytes(fresh.cipher.data(), fresh.cipher.size());
    random_bytes(fresh.mac.data(), fresh.mac.size());
    fresh.born_ms = now;
    return fresh;
}

std::optional<TicketKeys::Found> TicketKeys::find(std::span<const uint8_t> name) {
    const std::lock_guard lock(mutex_);
    const uint64_t now = clock_.monotonic_ms();
    drop_old(now);
    for (const auto &key : keys_) {
        if (!key || !std::equal(name.begin(), name.end(), key->name.begin(), key->name.end()))
            continue;
        return Found{*key, now - key->born_ms < kSealsMs};
    }
    return std::nullopt;
}

// By their age, since a server without new clients makes no new keys.
void TicketKeys::drop_old(uint64_t now_ms) {
    for (auto &key : keys_) {
        if (key && now_ms - key->born_ms >= kMostKeys * kSealsMs) key.reset();
    }
}

}  // namespace wse::net
