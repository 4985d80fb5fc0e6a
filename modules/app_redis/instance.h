// SPDX-License-Identifier: MIT
// An instance of app_redis: the application behind streams of Redis.
#pragma once

#include <memory>
#include <string>

#include <wse/module.h>

#include "commands.h"
#include "context.h"
#include "delivery.h"

namespace wse::app_redis {

class Instance {
public:
    Instance(const wse_host *host, const Config &config);

    std::string load();                                // [main]
    uint32_t wants() const { return wants_; }          // [main]
    std::string start(wse_loop *loop);                 // [loop], as all that follows
    void stop(wse_loop *loop, wse_stop_token *token);  // ends what is under way
    int32_t deliver(const wse_app_event *events, uint64_t count, wse_batch_token *token);

private:
    Context context_;
    uint32_t wants_ = 0;
    std::unique_ptr<Delivery> delivery_;
    std::unique_ptr<Commands> commands_;  // null: none are read
    size_t open_ = 0;                     // parts that are being closed
};

}  // namespace wse::app_redis
