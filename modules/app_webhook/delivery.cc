// SPDX-License-Identifier: MIT
#include "delivery.h"

#include <algorithm>
#include <cstdio>
#include <random>
#include <string_view>
#include <utility>
#include <vector>

#include "abi/module_class.h"
#include "app/members.h"
#include "json_text/json_text.h"

namespace wse::app_webhook {
namespace {

constexpr size_t kMaxCommands = 4096;  // of one answer
constexpr uint64_t kShortOfMemoryMs = 50;

// random_device is the kernel's randomness here: two runs must not have the same epoch.
std::string new_epoch() {
    std::random_device device;
    char text[17];
    std::snprintf(text, sizeof text, "%08x%08x", device(), device());
    return text;
}

uv_loop_t *loop_of(const Context &context, wse_loop *loop) {
    return static_cast<uv_loop_t *>(context.host->uv(context.host, loop));
}

http::Limits one_request() {
    http::Limits limits;
    limits.connections = limits.waiting = 1;
    return limits;
}

bool is_temporary(int status) {
    return status == 408 || status == 425 || status == 429 || status >= 500;
}

}  // namespace

Delivery::Delivery(const Context &context, const Endpoint &endpoint, const http::TlsContext *tls,
                   wse_loop *loop)
    : context_(context),
      endpoint_(endpoint),
      loop_(loop),
      writer_(new_epoch(), static_cast<uint64_t>(context.config.max_body)),
      backoff_(static_cast<uint64_t>(context.config.retry_ms),
               static_cast<uint64_t>(context.config.max_retry_ms), uv_hrtime()),
      calls_(context.host, loop, [this] { next(); }),
      timer_(loop_of(context, loop), [this] { send(); }),
      client_(loop_of(context, loop), one_request(), tls) {}

int32_t Delivery::deliver(const wse_app_event *events, uint64_t count, wse_batch_token *token) {
    if (stopped_ || token_) return WSE_EAGAIN;
    const uint64_t cut = writer_.write(events, count, bodies_);
    if (cut > 0) context_.count(kCut, cut);
    token_ = token;
    // Not from here, where a failure for want of memory would have to take everything back.
    timer_.start(0);
    return WSE_OK;
}

void Delivery::send() {
    if (bodies_.empty()) return next();
    call_ = client_.send(endpoint_.post(bodies_.front().text),
                         [this](http::Outcome outcome) { take(std::move(outcome)); });
    if (call_ == 0) timer_.start(kShortOfMemoryMs);
}

void Delivery::take(http::Outcome outcome) noexcept {
    call_ = 0;
    if (stopped_) return;
    const int32_t status = abi::guarded([&] {
        judge(outcome);
        return WSE_OK;
    });
    // The same again: the application knows by the numbers what it has had.
    if (status != WSE_OK) timer_.start(kShortOfMemoryMs);
}

void Delivery::judge(const http::Outcome &outcome) {
    if (outcome.failure != http::Failure::kNone) return retry(outcome.problem, 0);
    const http::Response &response = outcome.response;
    if (response.status >= 200 && response.status < 300) return accepted(response);
    if (!is_temporary(response.status)) return rejected(response);
    const uint64_t asked =
        retry_after_ms(response.header("retry-after"), context_.host->now_ms(context_.host));
    retry("status " + std::to_string(response.status),
          std::min(asked, static_cast<uint64_t>(context_.config.max_retry_after_ms)));
}

void Delivery::accepted(const http::Response &response) {
    context_.count(kRequests);
    context_.count(kDelivered, bodies_.front().events);
    if (std::exchange(troubled_, false))
        context_.log(WSE_LOG_INFO, "delivery.resumed url=" + endpoint_.shown());
    backoff_.reset();
    bodies_.pop_front();
    run_commands(response.body);
    if (calls_.waiting() == 0) next();
}

void Delivery::rejected(const http::Response &response) {
    const std::string problem = "status " + std::to_string(response.status);
    if (context_.config.on_rejected == kRetry) return retry(problem, 0);
    const Body &body = bodies_.front();
    context_.log(WSE_LOG_WARN,
                 "batch.dropped url=" + endpoint_.shown() + " batch=" + std::to_string(body.batch) +
                     " events=" + std::to_string(body.events) + " problem=\"" + problem + '"');
    context_.count(kDropped, body.events);
    backoff_.reset();
    bodies_.pop_front();
    next();
}

// Told once, however often it is tried.
void Delivery::retry(const std::string &problem, uint64_t at_least_ms) {
    context_.count(kRetried);
    if (!std::exchange(troubled_, true))
        context_.log(WSE_LOG_WARN, "delivery.failed url=" + endpoint_.shown() +
                                       " effect=\"events wait\" problem=\"" + problem + '"');
    timer_.start(std::max(backoff_.next_ms(), at_least_ms));
}

// The next request, or the end of the batch.
void Delivery::next() {
    if (stopped_ || !token_ || call_ != 0) return;
    if (!bodies_.empty()) {
        context_.host->batch_progress(context_.host, loop_, token_);
        return timer_.start(0);
    }
    context_.host->batch_done(context_.host, std::exchange(token_, nullptr));
}

// An answer that is no JSON object has none: many say "ok".
void Delivery::run_commands(const std::string &text) {
    app::Members answer;
    if (text.find_first_not_of(" \t\r\n") == std::string::npos || !answer.read(text)) return;
    const std::string_view list = answer.raw("commands");
    if (list.empty() || list == "null") return;
    std::vector<std::string_view> items;
    if (!json_text::items_of(list, kMaxCommands, items))
        return command_failed("commands: is no list, or has over 4096 items");
    for (const std::string_view item : items) run_command(item);
}

void Delivery::run_command(std::string_view text) {
    context_.count(kCommands);
    app::Members command;
    std::string method, problem;
    if (!command.read(text) || !command.text("method", method))
        return command_failed("a command is no object with a method");
    auto call = app::Call::parse(
        method, command.raw("params"),
        [this](const app::CallResult &result) {
            if (result.ok) return;
            app::Members failure;
            std::string message;
            if (failure.read(result.json)) failure.text_or_nothing("message", message);
            command_failed(message);
        },
        problem);
    if (!call) return command_failed(problem);
    calls_.push(std::move(*call));
}

// What an application asks of a connection that has gone in the meantime fails all the time.
void Delivery::command_failed(std::string_view problem) {
    context_.count(kCommandsFailed);
    context_.log(WSE_LOG_DEBUG, "command.failed problem=\"" + std::string(problem) + '"');
}

void Delivery::stop(std::function<void()> closed) {
    stopped_ = true;
    uint64_t lost = 0;
    for (const Body &body : bodies_) lost += body.events;
    bodies_.clear();
    if (lost > 0) {
        context_.count(kLost, lost);
        context_.log(WSE_LOG_WARN, "events.lost url=" + endpoint_.shown() + " events=" +
                                       std::to_string(lost) + " problem=\"the server stops\"");
    }
    if (token_) context_.host->batch_done(context_.host, std::exchange(token_, nullptr));
    open_ = 3;
    const auto one_less = [this, closed = std::move(closed)] {
        if (--open_ == 0) closed();
    };
    calls_.close(one_less);
    timer_.close(one_less);
    client_.close(one_less);
}

}  // namespace wse::app_webhook
