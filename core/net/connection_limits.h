// SPDX-License-Identifier: MIT
// How many connections there may be, in all and from one address; shared by all loops. One short
// lock per accept and per end of a connection.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_map>

namespace wse::net {

// An address as it is counted: IPv4 whole (also when mapped into IPv6), IPv6 by its /64, since that
// is what one customer has.
using AddressKey = std::array<uint8_t, 9>;
AddressKey address_key(const sockaddr_storage &address);

class ConnectionLimits {
public:
    // A place taken; gives it back when destroyed. Outlived by the ConnectionLimits.
    class Ticket {
    public:
        Ticket() = default;
        Ticket(Ticket &&other) noexcept;
        Ticket &operator=(Ticket &&other) noexcept;
        ~Ticket();
        explicit operator bool() const { return limits_ != nullptr; }

    private:
        friend class ConnectionLimits;
        Ticket(ConnectionLimits &limits, const AddressKey &key) : limits_(&limits), key_(key) {}
        ConnectionLimits *limits_ = nullptr;
        AddressKey key_{};
    };

    // 0 is no limit.
    ConnectionLimits(uint64_t max_total, uint64_t max_per_address)
        : max_total_(max_total), max_per_address_(max_per_address) {}

    // [any] False: a limit is reached.
    Ticket admit(const sockaddr_storage &address);
    // [any] New limits for what comes; connections that exist stay.
    void set(uint64_t max_total, uint64_t max_per_address);
    // [any]
    uint64_t total() const;

private:
    struct Hash {
        size_t operator()(const AddressKey &key) const noexcept;
    };
    void release(const AddressKey &key);

    mutable std::mutex mutex_;
    uint64_t max_total_;
    uint64_t max_per_address_;
    uint64_t total_ = 0;
    std::unordered_map<AddressKey, uint64_t, Hash> per_address_;
};

}  // namespace wse::net
