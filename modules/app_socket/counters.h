// SPDX-License-Identifier: MIT
// The counters of app_socket.
#pragma once

#include <cstddef>
#include <iterator>
#include <string>

#include <wse/module.h>

#include "abi/counters.h"

namespace wse::app_socket {

enum Count : size_t { kConnections, kEvents, kAcks, kCalls, kRefused, kQuestions };
inline constexpr abi::Counter kCounters[] = {
    {"connections", "backends that said hello"},
    {"events", "events given to backends, again where they were not acknowledged"},
    {"acks", "events that backends have acknowledged"},
    {"calls", "calls and commands of backends that were carried out"},
    {"refused", "connections that were refused, or ended with an error frame"},
    {"questions", "questions that a backend was asked"},
};

class Counters {
public:
    explicit Counters(const wse_host *host) : host_(host) {}
    // [main] Empty, or what the server did not take.
    std::string load() { return abi::register_counters(host_, kCounters, ids_); }
    void add(Count which, uint64_t count = 1) const {
        host_->stat_add(host_, ids_[which], static_cast<int64_t>(count));
    }

private:
    const wse_host *host_;
    uint32_t ids_[std::size(kCounters)] = {};
};

}  // namespace wse::app_socket
