// SPDX-License-Identifier: MIT
#include "net/connection_limits.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>
#include <string_view>
#include <utility>

namespace wse::net {
namespace {

// Where the connections of proxies are counted: under no address.
constexpr AddressKey kProxies = {0xff};
// What the ticket of a relay says in place of an address.
constexpr AddressKey kRelays = {0xfe};

}  // namespace

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

std::string address_name(const std::string &ip) {
    sockaddr_storage address{};
    sockaddr_in v4{};
    sockaddr_in6 v6{};
    if (inet_pton(AF_INET, ip.c_str(), &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        std::memcpy(&address, &v4, sizeof v4);
    } else if (inet_pton(AF_INET6, ip.c_str(), &v6.sin6_addr) == 1) {
        v6.sin6_family = AF_INET6;
        std::memcpy(&address, &v6, sizeof v6);
    }
    const AddressKey key = address_key(address);
    return {key.begin(), key.end()};
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

bool ConnectionLimits::Ticket::move_to(const sockaddr_storage &address) {
    const AddressKey key = address_key(address);
    if (!limits_ || !limits_->move(key_, key)) return false;
    key_ = key;
    return true;
}

void ConnectionLimits::Ticket::move_to_proxies() {
    if (limits_ && limits_->move(key_, kProxies)) key_ = kProxies;
}

ConnectionLimits::Ticket ConnectionLimits::admit(const sockaddr_storage &address) {
    return admit(address_key(address), true);
}

ConnectionLimits::Ticket ConnectionLimits::admit_proxy() {
    return admit(kProxies, false);
}

ConnectionLimits::Ticket ConnectionLimits::admit_relay() {
    const std::lock_guard lock(mutex_);
    if (max_relays_ && relays_ >= max_relays_) return {};
    ++relays_;
    return Ticket(*this, kRelays);
}

ConnectionLimits::Ticket ConnectionLimits::admit(const AddressKey &key, bool is_limited) {
    const std::lock_guard lock(mutex_);
    if (max_total_ && total_ >= max_total_) return {};
    const auto known = per_address_.find(key);
    const uint64_t count = known == per_address_.end() ? 0 : known->second;
    if (is_limited && max_per_address_ && count >= max_per_address_) return {};
    ++per_address_[key];
    ++total_;
    return Ticket(*this, key);
}

bool ConnectionLimits::move(const AddressKey &from, const AddressKey &to) {
    const std::lock_guard lock(mutex_);
    if (from == to) return true;
    const auto known = per_address_.find(to);
    const uint64_t count = known == per_address_.end() ? 0 : known->second;
    if (to != kProxies && max_per_address_ && count >= max_per_address_) return false;
    ++per_address_[to];
    forget_one(from);
    return true;
}

void ConnectionLimits::release(const AddressKey &key) {
    const std::lock_guard lock(mutex_);
    if (key == kRelays) {
        --relays_;
        return;
    }
    --total_;
    forget_one(key);
}

void ConnectionLimits::forget_one(const AddressKey &key) {
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
