// SPDX-License-Identifier: MIT
#include "module/instance.h"

#include <algorithm>
#include <chrono>
#include <string_view>

#include "base/assert.h"
#include "base/log.h"
#include "module/call.h"
#include "module/code_map.h"
#include "module/error.h"

namespace wse::module {

Result<void> Plan::check() const {
    if (!def().check) return {};
    wse_error error = empty_error();
    const int32_t status = def().check(config, &error);
    if (status == WSE_OK) return {};
    return Error{WSE_EINVAL, "module " + name + ": " + sentence(error, status)};
}

Instance::Instance(Plan plan, const Surroundings &surroundings)
    : plan_(std::make_unique<Plan>(std::move(plan))),
      host_(std::make_unique<Host>(plan_->name, plan_->def().kind, surroundings)),
      stop_deadline_ms_(surroundings.stop_deadline_ms) {}

Result<std::unique_ptr<Instance>> Instance::create(Plan plan, const Surroundings &surroundings) {
    std::unique_ptr<Instance> instance(new Instance(std::move(plan), surroundings));
    Instance &self = *instance;
    self.plan_->library->keep();
    add_code(self.plan_->library->code(), self.host_->interned_name());
    self.host_->set_creating(true);
    wse_error error = empty_error();
    const int32_t status =
        self.plan_->def().create(self.host_->abi(), self.plan_->config, &self.self_, &error);
    self.host_->set_creating(false);
    if (status != WSE_OK) {
        const Error why = self.failure("create", error, status);
        // Nothing was created, so nothing is destroyed.
        self.plan_.reset();
        return why;
    }
    const Descriptor &descriptor = self.plan_->library->descriptor();
    if (descriptor.def.kind != WSE_KIND_AUTH) return instance;
    for (size_t i = 0; i < self.host_->loop_count(); ++i)
        self.authenticators_.push_back(std::make_unique<ModuleAuthenticator>(
            *self.host_, self.host_->side(i), descriptor.auth, self.self_));
    return instance;
}

Instance::~Instance() {
    if (!plan_) return;
    wait_stopped();
    if (!quiet()) {
        // A thread or handle of it may touch these at any time.
        static_cast<void>(plan_.release());
        static_cast<void>(host_.release());
        for (auto &authenticator : authenticators_) static_cast<void>(authenticator.release());
        return;
    }
    if (const uint64_t tokens = tokens_outstanding())
        log::warn("module", "module.tokens_unanswered", {{"module", name()}, {"tokens", tokens}});
    plan_->def().destroy(self_);
}

bool Instance::quiet() const {
    for (size_t i = 0; i < started_; ++i)
        if (!host_->side(i).closed()) return false;
    return true;
}

Error Instance::failure(const std::string &doing, const wse_error &error, int32_t status) const {
    return Error{WSE_EIO, "module " + name() + ": " + doing + ": " + sentence(error, status)};
}

Authenticator *Instance::authenticator(size_t loop) const {
    return loop < authenticators_.size() ? authenticators_[loop].get() : nullptr;
}

Result<void> Instance::start() {
    for (size_t i = 0; i < host_->loop_count(); ++i) {
        auto started = start_on(i);
        if (started) continue;
        stopping_ = true;
        while (i-- > 0) {
            begin_stop_on(i);
            wait_stopped_on(i);
        }
        stops_.clear();
        return started;
    }
    return {};
}

Result<void> Instance::start_on(size_t loop) {
    LoopSide &side = host_->side(loop);
    wse_error error = empty_error();
    int32_t status = WSE_OK;
    if (const auto start = plan_->def().start)
        side.loop().call([&] {
            const Call call(side, "start");
            status = start(self_, side.abi(), &error);
        });
    if (status != WSE_OK) return failure("start on loop " + std::to_string(loop), error, status);
    stops_.emplace_back();
    started_ = loop + 1;
    return {};
}

void Instance::begin_stop_on(size_t loop) {
    LoopSide &side = host_->side(loop);
    side.loop().post([this, &side, loop] {
        side.stop(plan_->def().stop, self_, stop_deadline_ms_,
                  [this, loop](bool in_time) { stops_[loop].set_value(in_time); });
    });
}

void Instance::wait_stopped_on(size_t loop) {
    auto stopped = stops_[loop].get_future();
    // The wait is bounded: the loop's own timer ends it.
    while (stopped.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready)
        turn_idle_loops();
    if (!stopped.get())
        log::error("module", "module.stop_timeout",
                   {{"module", name()}, {"loop", loop}, {"deadline_ms", stop_deadline_ms_}});
}

void Instance::turn_idle_loops() {
    for (size_t i = 0; i < host_->loop_count(); ++i) {
        Loop &loop = host_->side(i).loop();
        if (loop.on_thread()) uv_run(loop.uv(), UV_RUN_NOWAIT);
    }
}

void Instance::begin_stop() {
    if (std::exchange(stopping_, true)) return;
    for (size_t i = 0; i < started_; ++i) begin_stop_on(i);
}

bool Instance::wait_stopped() {
    begin_stop();
    for (size_t i = 0; i < stops_.size(); ++i) wait_stopped_on(i);
    stops_.clear();
    return quiet();
}

std::vector<std::string> Instance::loops() const {
    std::vector<std::string> names;
    for (size_t i = 0; i < host_->loop_count(); ++i) names.push_back(host_->side(i).loop().name());
    return names;
}

uint64_t Instance::tokens_outstanding() const {
    uint64_t sum = 0;
    for (size_t i = 0; i < host_->loop_count(); ++i) sum += host_->side(i).tokens().outstanding();
    return sum;
}

uint64_t Instance::tokens_oldest_ms() const {
    uint64_t oldest = 0;
    for (size_t i = 0; i < host_->loop_count(); ++i) {
        const uint64_t issued = host_->side(i).tokens().oldest_ms();
        if (issued && (!oldest || issued < oldest)) oldest = issued;
    }
    const uint64_t now = host_->clock().monotonic_ms();
    return oldest && now > oldest ? now - oldest : 0;
}

}  // namespace wse::module
