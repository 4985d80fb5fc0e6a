// SPDX-License-Identifier: MIT
// What events become in Redis: commands that add them to the stream once, however often they are
// sent.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include <wse/module.h>

#include "options.h"

namespace wse::app_redis {

struct Write {
    uint64_t events = 0;
    std::vector<std::string> command;
};

// Numbers the events of an instance, beginning with 1.
class EntryWriter {
public:
    // `epoch` names this run of the instance: plain characters.
    EntryWriter(const Config &config, std::string epoch);

    // Replaces `ret`. No number is used up when there is no memory (std::bad_alloc).
    void write(const wse_app_event *events, uint64_t count, std::deque<Write> &ret);

private:
    Write begin(uint64_t seq) const;

    const Config &config_;
    const std::string epoch_;
    uint64_t seq_ = 0;
};

}  // namespace wse::app_redis
