// SPDX-License-Identifier: MIT
#include "gate.h"

#include <algorithm>
#include <string>
#include <utility>

#include "abi/module_class.h"
#include "app/question_json.h"

namespace wse::app_webhook {
namespace {

constexpr uint32_t kWaitingPerQuestion = 4;  // how many wait for one that is under way

}  // namespace

Gate::Gate(const Context &context, const Endpoint &endpoint, const http::TlsContext *tls,
           uv_loop_t *loop)
    : context_(context), endpoint_(endpoint), tls_(tls), loop_(loop) {}

int32_t Gate::ask(const wse_question &question, wse_ask_token *token) {
    std::string body;
    app::JsonObject object(body);
    app::add_question(object, question);
    object.end();
    http::Request request = endpoint_.post(std::move(body));
    if (question.deadline_ms > 0)
        request.timeout_ms = std::min(request.timeout_ms, question.deadline_ms);
    if (!client_) {
        http::Limits limits;
        limits.connections = static_cast<uint32_t>(context_.config.max_questions);
        limits.waiting = limits.connections * kWaitingPerQuestion;
        client_ = std::make_unique<http::HttpClient>(loop_, limits, tls_);
    }
    const auto at = questions_.emplace(token, Question{question.question, 0}).first;
    const int32_t status = abi::guarded([&] {
        at->second.call = client_->send(std::move(request), [this, token](http::Outcome outcome) {
            take(token, std::move(outcome));
        });
        return at->second.call != 0 ? WSE_OK : WSE_EAGAIN;
    });
    if (status == WSE_OK) return WSE_OK;
    questions_.erase(at);
    context_.count(kUnavailable);
    return status;
}

void Gate::cancel(wse_ask_token *token) {
    const auto at = questions_.find(token);
    if (at == questions_.end()) return;
    client_->cancel(at->second.call);
    questions_.erase(at);
    refuse(token, WSE_ECANCELED);
}

void Gate::stop(std::function<void()> closed) {
    if (!client_) return closed();
    client_->close(std::move(closed));
}

void Gate::take(wse_ask_token *token, http::Outcome outcome) noexcept {
    const auto at = questions_.find(token);
    const uint32_t kind = at->second.kind;
    questions_.erase(at);
    const int32_t status = abi::guarded([&] {
        judge(token, kind, outcome);
        return WSE_OK;
    });
    if (status != WSE_OK) refuse(token, status);
}

// Its answer is the last that it does: nothing needs memory after it.
void Gate::judge(wse_ask_token *token, uint32_t kind, const http::Outcome &outcome) {
    switch (outcome.failure) {
        case http::Failure::kNone:
            break;
        case http::Failure::kCanceled:
            return refuse(token, WSE_ECANCELED);
        case http::Failure::kTimeout:
            return fail(token, WSE_ETIMEDOUT, outcome.problem);
        default:
            return fail(token, WSE_EAGAIN, outcome.problem);
    }
    app::Reply reply;
    if (outcome.response.status == 403)
        reply.status = WSE_EDENIED;
    else if (outcome.response.status == 200)
        reply = app::read_reply(kind, outcome.response.body);
    else
        reply.problem = "status " + std::to_string(outcome.response.status);
    if (!reply.problem.empty()) return fail(token, WSE_EAGAIN, reply.problem);
    troubled_ = false;
    context_.count(reply.status == WSE_OK       ? kGranted
                   : reply.status == WSE_EAGAIN ? kUnavailable
                                                : kDenied);
    app::answer(context_.host, token, reply);
}

// Told once, however many there are until one is answered.
void Gate::fail(wse_ask_token *token, int32_t status, const std::string &problem) {
    context_.count(kUnavailable);
    if (!std::exchange(troubled_, true))
        context_.log(WSE_LOG_WARN, "question.failed url=" + endpoint_.shown() +
                                       " effect=\"refused\" problem=\"" + problem + '"');
    refuse(token, status);
}

void Gate::refuse(wse_ask_token *token, int32_t status) {
    context_.host->ask_done(context_.host, token, status, nullptr);
}

}  // namespace wse::app_webhook
