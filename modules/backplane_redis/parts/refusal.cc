// SPDX-License-Identifier: MIT
#include "refusal.h"

#include "letter_request.h"
#include "reply_text.h"

namespace wse::backplane_redis::parts {

bool Refusal::is_refused(const redisReply &reply) {
    const bool refused = reply.type == REDIS_REPLY_ERROR;
    if (refused)
        tell(word_of(reply));
    else
        clear();
    return refused;
}

void Refusal::tell(const std::string &problem) {
    if (problem == problem_) return;
    problem_ = problem;
    const std::string text =
        std::string("redis.refused what=") + what_ + " problem=\"" + printable(problem) + '"';
    site_.host->log(site_.host, WSE_LOG_ERROR, text.c_str());
}

}  // namespace wse::backplane_redis::parts
