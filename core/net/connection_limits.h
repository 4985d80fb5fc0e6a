// SPDX-License-Identifier: MIT
// How many connections there may be, in all and from one address; shared by all loops. One short
// lock per accept and per end of a connection.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

namespace wse::net {

// An address as it is counted: IPv4 whole (also when mapped into IPv6), IPv6 by its /64, since that
// is what one customer has.
using AddressKey = std::array<uint8_t, 9>;
AddressKey address_key(const sockaddr_storage &address);
// The same of an address as text (Peer::ip), as the bytes of a string; all that are none of IP are
// one.
std::string address_name(const std::string &ip);

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
        // The place is that of another address: a proxy has said for whom it connects. False, and
        // nothing changes: that address has all it may have.
        bool move_to(const sockaddr_storage &address);
        // The proxy speaks for nobody in particular again.
        void move_to_proxies();

    private:
        friend class ConnectionLimits;
        Ticket(ConnectionLimits &limits, const AddressKey &key) : limits_(&limits), key_(key) {}
        ConnectionLimits *limits_ = nullptr;
        AddressKey key_{};
    };

    // 0 is no limit.
    ConnectionLimits(uint64_t max_total, uint64_t max_per_address, uint64_t max_relays = 0)
        : max_total_(max_total), max_per_address_(max_per_address), max_relays_(max_relays) {}

    // [any] False: a limit is reached.
    Ticket admit(const sockaddr_storage &address);
    // [any] For a proxy, which speaks for many: only the limit of all connections counts.
    Ticket admit_proxy();
    // [any] For a connection that has its place already, and whose requests go to the fallback:
    // there are fewer places for those, so that they leave room for others.
    Ticket admit_relay();
    // [any] New limits for what comes; connections that exist stay.
    void set(uint64_t max_total, uint64_t max_per_address);
    // [any]
    uint64_t total() const;

private:
    struct Hash {
        size_t operator()(const AddressKey &key) const noexcept;
    };
    Ticket admit(const AddressKey &key, bool is_limited);
    bool move(const AddressKey &from, const AddressKey &to);
    void release(const AddressKey &key);
    void forget_one(const AddressKey &key);

    mutable std::mutex mutex_;
    uint64_t max_total_;
    uint64_t max_per_address_;
    const uint64_t max_relays_;
    uint64_t total_ = 0;
    uint64_t relays_ = 0;
    std::unordered_map<AddressKey, uint64_t, Hash> per_address_;
};

}  // namespace wse::net
