// SPDX-License-Identifier: MIT
// What backends publish on channels: listened for while it is wanted, on a connection that is found
// by the locator each time it is lost.
#pragma once

#include <uv.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "abi/timer.h"
#include "locator.h"
#include "redis_client/redis_subscriber.h"
#include "refusal.h"
#include "site.h"

namespace wse::backplane_redis::parts {

// One loop, from which everything is called.
class IngressChannel {
public:
    // The topic is what follows the prefix and a colon in the name of the channel.
    using Heard = std::function<void(std::string_view topic, std::string_view event)>;

    // Site and locator outlive this.
    IngressChannel(const Site &site, Locator &locator, const redis::Limits &limits, Heard heard);
    // After `closed` of close().
    ~IngressChannel() = default;
    IngressChannel(const IngressChannel &) = delete;
    IngressChannel &operator=(const IngressChannel &) = delete;

    void want(bool wanted);
    // `closed` is called when the loop has no handle of ours, not in this call.
    void close(std::function<void()> closed);

private:
    void begin();
    void begin_later();
    void located(const std::optional<redis::Url> &at);
    void lost(const std::string &problem);
    void end();
    void check_closed();

    const Site &site_;
    Locator &locator_;
    const redis::Limits limits_;
    const Heard heard_;
    // Shared with the question to the locator, which may be answered when this has gone.
    const std::shared_ptr<IngressChannel *> self_;
    std::unique_ptr<redis::RedisSubscriber> subscriber_;
    abi::Timer timer_;  // to begin again
    Refusal refusal_;
    uint32_t attempts_ = 0;  // since it was listening
    bool wanted_ = false;
    bool locating_ = false;
    bool ending_ = false;  // the subscriber is being closed
    bool closing_ = false;
    bool timer_open_ = true;
    std::function<void()> closed_;
};

}  // namespace wse::backplane_redis::parts
