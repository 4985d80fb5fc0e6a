// SPDX-License-Identifier: MIT
// app_socket: backends connect to the server, drain its events, command it and answer its
// questions.
#include <memory>
#include <string>

#include <wse/module.h>

#include "abi/module_class.h"
#include "app/event_json.h"
#include "counters.h"
#include "link.h"
#include "listener.h"
#include "options.h"

namespace wse::app_socket {
namespace {

class Instance {
public:
    Instance(const wse_host *host, const Config &config)
        : host_(host), config_(config), counters_(host) {}

    std::string load();
    std::string start(wse_loop *loop);
    void stop(wse_loop *, wse_stop_token *token) { link_->stop(token); }
    uint32_t wants() const { return wants_; }
    Link *link() { return link_.get(); }

private:
    const wse_host *host_;
    const Config &config_;
    Counters counters_;
    uint32_t wants_ = 0;
    std::unique_ptr<Link> link_;  // null before start
};

std::string Instance::load() {
    std::string problem = app::read_wants(config_.events, wants_);
    return problem.empty() ? counters_.load() : problem;
}

std::string Instance::start(wse_loop *loop) {
    Place place;
    std::string problem = open_place(config_, place);
    if (problem.empty()) link_ = std::make_unique<Link>(host_, loop, config_, counters_, place);
    return problem;
}

Link *link_of(void *self) {
    return static_cast<Instance *>(self)->link();
}

int32_t check(const void *config, wse_error *error) noexcept {
    return abi::guarded(
        [&] { return abi::report(option_problem(*static_cast<const Config *>(config)), error); });
}

int32_t deliver(void *self, wse_loop *, const wse_app_event *events, uint64_t count,
                wse_batch_token *token) noexcept {
    return abi::guarded([&] { return link_of(self)->deliver(events, count, token); });
}

int32_t ask(void *self, wse_loop *, const wse_question *question, wse_ask_token *token) noexcept {
    return abi::guarded([&] { return link_of(self)->ask(*question, token); });
}

void cancel(void *self, wse_loop *, wse_ask_token *token) noexcept {
    link_of(self)->cancel(token);
}

uint32_t wants(void *self) noexcept {
    return static_cast<Instance *>(self)->wants();
}

const wse_app_ops kOps = {sizeof kOps, 0, deliver, ask, cancel, wants};

using Class = abi::Lifecycle<Instance, Config>;

}  // namespace
}  // namespace wse::app_socket

const wse_module_def wse_module = {
    WSE_MODULE(WSE_KIND_APP, 0),
    "app_socket",
    "1.0",
    wse::app_socket::kOptions,
    sizeof(wse_option),
    sizeof(wse::app_socket::Config),
    &wse::app_socket::kOps,
    wse::app_socket::check,
    wse::app_socket::Class::create,
    wse::app_socket::Class::start,
    wse::app_socket::Class::stop,
    wse::app_socket::Class::destroy,
};
