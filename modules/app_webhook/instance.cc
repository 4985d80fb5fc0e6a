// SPDX-License-Identifier: MIT
#include "instance.h"

#include "app/event_json.h"

namespace wse::app_webhook {

Instance::Instance(const wse_host *host, const Config &config) : context_{host, config} {}

std::string Instance::load() {
    const Config &config = context_.config;
    std::string problem = option_problem(config);
    if (problem.empty()) problem = app::read_wants(config.events, wants_);
    if (problem.empty())
        problem = abi::register_counters(context_.host, kCounters, context_.counters);
    if (!problem.empty()) return problem;
    event_endpoint_ = std::make_unique<Endpoint>(context_, config.url);
    question_endpoint_ =
        std::make_unique<Endpoint>(context_, config.ask_url ? config.ask_url : config.url);
    if (event_endpoint_->is_tls() || question_endpoint_->is_tls())
        tls_ = http::TlsContext::make(config.ca_file, problem);
    return problem.empty() ? "" : "ca_file: " + problem;
}

// The delivery last: it is the one that would have to be stopped.
std::string Instance::start(wse_loop *loop) {
    auto *const uv = static_cast<uv_loop_t *>(context_.host->uv(context_.host, loop));
    gate_ = std::make_unique<Gate>(context_, *question_endpoint_, tls_.get(), uv);
    delivery_ = std::make_unique<Delivery>(context_, *event_endpoint_, tls_.get(), loop);
    return "";
}

void Instance::stop(wse_loop *, wse_stop_token *token) {
    open_ = 2;
    const auto one_less = [this, token] {
        if (--open_ == 0) context_.host->stop_done(context_.host, token);
    };
    gate_->stop(one_less);
    delivery_->stop(one_less);
}

int32_t Instance::deliver(const wse_app_event *events, uint64_t count, wse_batch_token *token) {
    return delivery_->deliver(events, count, token);
}

int32_t Instance::ask(const wse_question &question, wse_ask_token *token) {
    return gate_->ask(question, token);
}

void Instance::cancel(wse_ask_token *token) {
    gate_->cancel(token);
}

}  // namespace wse::app_webhook
