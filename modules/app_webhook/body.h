// SPDX-License-Identifier: MIT
// What events become: the bodies of requests.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include <wse/module.h>

namespace wse::app_webhook {

struct Body {
    uint64_t batch = 0;
    uint64_t events = 0;
    std::string text;
};

// Numbers the events and the bodies of an instance, beginning with 1.
class BodyWriter {
public:
    // `epoch` names this run of the instance: plain characters.
    BodyWriter(std::string epoch, uint64_t max_bytes);

    // Replaces `ret` by {"epoch":"…","batch":N,"events":[…]}, as many as it takes for none to be
    // over the limit. An event that is by itself comes without its data, and with its size, as
    // "data_bytes":N. Returns how many had to. No number is used up when there is no memory
    // (std::bad_alloc).
    uint64_t write(const wse_app_event *events, uint64_t count, std::deque<Body> &ret);

private:
    void begin(uint64_t batch, std::deque<Body> &ret) const;

    const std::string epoch_;
    const uint64_t max_bytes_;
    uint64_t seq_ = 0;
    uint64_t batch_ = 0;
};

}  // namespace wse::app_webhook
