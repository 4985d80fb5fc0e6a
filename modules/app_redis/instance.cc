// SPDX-License-Identifier: MIT
#include "instance.h"

#include <utility>
#include <vector>

#include "app/event_json.h"

namespace wse::app_redis {

Instance::Instance(const wse_host *host, const Config &config) : context_{host, config, {}} {}

std::string Instance::load() {
    std::string problem = option_problem(context_.config);
    if (problem.empty()) problem = app::read_wants(context_.config.events, wants_);
    if (problem.empty())
        problem = abi::register_counters(context_.host, kCounters, context_.counters);
    if (!problem.empty()) return problem;
    context_.url = *redis::parse_url(url_of(context_.config), problem);
    return "";
}

// The delivery last: it is the one that would have to be stopped. Both are kept when both are
// there, since what closes its handles by itself has to do so on its loop.
std::string Instance::start(wse_loop *loop) {
    std::unique_ptr<Commands> commands;
    if (context_.config.commands)
        commands = std::make_unique<Commands>(
            context_, loop,
            [this](std::vector<std::string> command, redis::RedisClient::Done done) {
                return delivery_->send(std::move(command), std::move(done));
            });
    delivery_ = std::make_unique<Delivery>(context_, loop);
    commands_ = std::move(commands);
    return "";
}

void Instance::stop(wse_loop *, wse_stop_token *token) {
    open_ = commands_ ? 2 : 1;
    const auto one_less = [this, token] {
        if (--open_ == 0) context_.host->stop_done(context_.host, token);
    };
    if (commands_) commands_->stop(one_less);
    delivery_->stop(one_less);
}

int32_t Instance::deliver(const wse_app_event *events, uint64_t count, wse_batch_token *token) {
    return delivery_->deliver(events, count, token);
}

}  // namespace wse::app_redis
