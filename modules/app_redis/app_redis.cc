// SPDX-License-Identifier: MIT
// app_redis: the application behind the server reads events from a stream of Redis, and adds
// commands to another.
#include <wse/module.h>

#include "abi/module_class.h"
#include "instance.h"
#include "options.h"

namespace wse::app_redis {
namespace {

int32_t check(const void *config, wse_error *error) noexcept {
    return abi::guarded(
        [&] { return abi::report(option_problem(*static_cast<const Config *>(config)), error); });
}

int32_t deliver(void *self, wse_loop *, const wse_app_event *events, uint64_t count,
                wse_batch_token *token) noexcept {
    return abi::guarded(
        [&] { return static_cast<Instance *>(self)->deliver(events, count, token); });
}

uint32_t wants(void *self) noexcept {
    return static_cast<const Instance *>(self)->wants();
}

const wse_app_ops kOps = {sizeof kOps, 0, deliver, nullptr, nullptr, wants};

using Class = abi::Lifecycle<Instance, Config>;

}  // namespace
}  // namespace wse::app_redis

const wse_module_def wse_module = {
    WSE_MODULE(WSE_KIND_APP, 0),
    "app_redis",
    "1.0",
    wse::app_redis::kOptions,
    sizeof(wse_option),
    sizeof(wse::app_redis::Config),
    &wse::app_redis::kOps,
    wse::app_redis::check,
    wse::app_redis::Class::create,
    wse::app_redis::Class::start,
    wse::app_redis::Class::stop,
    wse::app_redis::Class::destroy,
};
