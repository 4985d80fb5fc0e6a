// SPDX-License-Identifier: MIT
// The master as sentinels know it. Each time it is wanted it is asked for: whoever asks has lost
// the one before.
#pragma once

#include <string>
#include <vector>

#include "inquiry.h"
#include "locator.h"

namespace wse::backplane_redis::parts {

class SentinelLocator final : public Locator {
public:
    // The master is `like` at another address.
    SentinelLocator(uv_loop_t *loop, std::vector<redis::Url> sentinels, std::string master,
                    redis::Url like);

    void locate(const std::string &key, Done done) override;
    void moved(const std::string &key) override;
    void close(std::function<void()> closed) override;

private:
    bool understand(const redisReply &reply, std::string &ret_problem);
    void answer(const std::string &problem);

    const std::string master_;
    redis::Url at_;
    Inquiry inquiry_;
    std::vector<Done> waiting_;
};

}  // namespace wse::backplane_redis::parts
