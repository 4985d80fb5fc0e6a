// SPDX-License-Identifier: MIT
// app_webhook: the application behind the server is an HTTP server, which is posted what happens,
// and asked.
#include <wse/module.h>

#include "abi/module_class.h"
#include "instance.h"
#include "options.h"

namespace wse::app_webhook {
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

int32_t ask(void *self, wse_loop *, const wse_question *question, wse_ask_token *token) noexcept {
    return abi::guarded([&] { return static_cast<Instance *>(self)->ask(*question, token); });
}

void cancel(void *self, wse_loop *, wse_ask_token *token) noexcept {
    static_cast<Instance *>(self)->cancel(token);
}

uint32_t wants(void *self) noexcept {
    return static_cast<const Instance *>(self)->wants();
}

const wse_app_ops kOps = {sizeof kOps, 0, deliver, ask, cancel, wants};

using Class = abi::Lifecycle<Instance, Config>;

}  // namespace
}  // namespace wse::app_webhook

const wse_module_def wse_module = {
    WSE_MODULE(WSE_KIND_APP, 0),
    "app_webhook",
    "1.0",
    wse::app_webhook::kOptions,
    sizeof(wse_option),
    sizeof(wse::app_webhook::Config),
    &wse::app_webhook::kOps,
    wse::app_webhook::check,
    wse::app_webhook::Class::create,
    wse::app_webhook::Class::start,
    wse::app_webhook::Class::stop,
    wse::app_webhook::Class::destroy,
};
