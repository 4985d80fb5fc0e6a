// SPDX-License-Identifier: MIT
#include "net/connection_limits.h"

#include <netinet/in.h>

#include <cstring>
#include <string_view>
#include <utility>

namespace wse::net {

AddressKey address_key(const sockaddr_storage &address) {
    AddressKey key{};
    if (address.ss_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &address, sizeof v4);
        key[0] = 4;
        std::memcpy(&key[1], &v4.sin_addr, 4);
    } else if (address.ss_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &address, sizeof v6);
        const bool mapped = IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr);
        key[0] = mapped ? 4 : 6;
        std::memcpy(&key[1], v6.sin6_addr.s6_addr + (mapped ? 12 : 0), mapped ? 4 : 8);
    }
    return key;
}

size_t ConnectionLimits::Hash::operator()(const AddressKey &key) const noexcept {
    char bytes[sizeof key];
    std::memcpy(bytes, key.data(), sizeof bytes);
    return std::hash<std::string_view>{}({bytes, sizeof bytes});
}

ConnectionLimits::Ticket::Ticket(Ticket &&other) noexcept
    : limits_(std::exchange(other.limits_, nullptr)), key_(other.key_) {}

ConnectionLimits::Ticket &ConnectionLimits::Ticket::operator=(Ticket &&other) noexcept {
    std::swap(limits_, other.limits_);
    std::swap(key_, other.key_);
    return *this;
}

ConnectionLimits::Ticket::~Ticket() {
    if (limits_) limits_->release(key_);
}

ConnectionLimits::Ticket ConnectionLimits::admit(const sockaddr_storage &address) {
    const AddressKey key = address_key(address);
    const std::lock_guard lock(mutex_);
    if (max_total_ && total_ >= max_total_) return {};
    const auto known = per_address_.find(key);
    const uint64_t count = known == per_address_.end() ? 0 : known->second;
    if (max_per_address_ && count >= max_per_address_) return {};
    ++per_address_[key];
    ++total_;
    return Ticket(*this, key);
}

void ConnectionLimits::release(const AddressKey &key) {
    const std::lock_guard lock(mutex_);
    --total_;
    const auto known = per_address_.find(key);
    if (--known->second == 0) per_address_.erase(known);
}

void ConnectionLimits::set(uint64_t max_total, uint64_t max_per_address) {
    const std::lock_guard lock(mutex_);
    max_total_ = max_total;
    max_per_address_ = max_per_address;
}

uint64_t ConnectionLimits::total() const {
    const std::lock_guard lock(mutex_);
    return total_;
}

}  // namespace wse::net
