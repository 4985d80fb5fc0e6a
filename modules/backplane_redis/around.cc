// SPDX-License-Identifier: MIT
#include "around.h"

#include <utility>

#include "abi/module_class.h"

namespace wse::backplane_redis {

Around::Around(Context &context, parts::HostsEvents events)
    : context_(context),
      events_(std::move(events)),
      site_{context.host, context.loop, context.uv, context.names.prefix(), context.self},
      seal_(parts::make_seal(context.config.parts)) {
    plug_in(context.periphery);
}

void Around::join() {
    is_wanted_ = true;
    if (surroundings_) return;
    const parts::SurroundingsCounters counters = {
        context_.counters[kDeadLetters],
        {context_.counters[kIngress], context_.counters[kIngressRefused]}};
    surroundings_ = std::make_unique<parts::Surroundings>(
        site_, *context_.locator, static_cast<uint64_t>(context_.config.lease_ms), counters,
        events_);
}

void Around::leave() {
    is_wanted_ = false;
    if (!is_here()) return;
    is_leaving_ = true;
    surroundings_->close([this] { left(); });
}

void Around::left() {
    surroundings_.reset();
    is_leaving_ = false;
    // `closed` may destroy this: nothing is touched after it.
    if (closed_) return std::exchange(closed_, nullptr)();
    if (is_wanted_) abi::guarded([this] { return join(), WSE_OK; });
}

void Around::settled(const std::string &host) {
    if (is_here()) surroundings_->hosts().settled(host);
}

void Around::close(std::function<void()> closed) {
    if (!surroundings_) return closed();
    closed_ = std::move(closed);
    leave();
}

void Around::plug_in(Periphery &periphery) {
    if (seal_) {
        periphery.seal = [this](std::string_view plain) { return seal_->seal(plain); };
        periphery.open = [this](std::string_view token) { return seal_->open(token); };
    }
    periphery.dead_letter = [this](std::string_view topic, std::string_view message,
                                   std::string_view reason) {
        if (is_here()) surroundings_->dead_letters().add(topic, message, reason);
    };
    periphery.live_hosts = [this] {
        return is_here() ? surroundings_->hosts().live() : std::vector<std::string>();
    };
    periphery.reads_ingress = [this] { return is_here() && surroundings_->ingress().is_here(); };
    periphery.command = [this](std::string_view name, std::string_view request,
                               wse_command_token *token) {
        const auto answer = [this, token](int32_t status, const std::string &text) {
            context_.host->command_done(context_.host, token, status, abi::bytes_of(text));
        };
        if (!is_here()) return parts::DeadLetters::takes(name) ? WSE_EAGAIN : WSE_ENOTFOUND;
        return surroundings_->command(name, request, answer) ? WSE_OK : WSE_ENOTFOUND;
    };
}

}  // namespace wse::backplane_redis
