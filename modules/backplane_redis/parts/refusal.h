// SPDX-License-Identifier: MIT
// What Redis refuses to do, in the log: once, and again when it says another word.
#pragma once

#include <hiredis/hiredis.h>

#include <string>

#include "site.h"

namespace wse::backplane_redis::parts {

class Refusal {
public:
    // `what` of it is refused, for the log. The site outlives this.
    Refusal(const Site &site, const char *what) : site_(site), what_(what) {}

    // Whether the reply is an error, which is told. Any other reply ends the matter.
    bool is_refused(const redisReply &reply);
    // A problem that is known in words.
    void tell(const std::string &problem);
    void clear() { problem_.clear(); }

private:
    const Site &site_;
    const char *const what_;
    std::string problem_;  // that was told last; empty: none
};

}  // namespace wse::backplane_redis::parts
