// SPDX-License-Identifier: MIT
#include "questions.h"

#include <string>

#include "abi/module_class.h"
#include "app/question_json.h"
#include "strict_json/text.h"

namespace wse::app_socket {

Questions::Questions(const wse_host *host, uv_loop_t *loop, Backends &backends,
                     const Counters &counters, const Limits &limits)
    : host_(host),
      loop_(loop),
      backends_(backends),
      counters_(counters),
      limits_(limits),
      timer_(loop, [this] { on_time(); }) {}

// Of those that answer this kind, the one that owes the fewest answers.
Backend *Questions::choose(uint32_t question) {
    Backend *best = nullptr;
    for (auto &[id, each] : backends_.all()) {
        if (!(each.answers & 1U << question) || !each.can_hear() || each.questions >= limits_.owed)
            continue;
        if (!best || each.questions < best->questions) best = &each;
    }
    return best;
}

int32_t Questions::ask(const wse_question &question, wse_ask_token *token) {
    const auto copy = [](wse_bytes bytes) { return std::string(abi::text_of(bytes)); };
    Backend *const backend = choose(question.question);
    if (!backend) return WSE_EAGAIN;
    // A client may have sent any octets as its credential.
    if (!strict_json::is_utf8(abi::text_of(question.data))) return WSE_EDENIED;
    const uint64_t id = ++last_id_;
    Question kept{question.question,
                  question.source,
                  copy(question.connection),
                  copy(question.user),
                  copy(question.topic),
                  copy(question.type),
                  copy(question.data),
                  copy(question.peer),
                  copy(question.listener),
                  uv_now(loop_) + question.deadline_ms,
                  token,
                  0};
    const int32_t status = abi::guarded([&] {
        ends_.emplace(kept.until_ms, id);
        ids_.emplace(token, id);
        Question &placed = questions_.emplace(id, std::move(kept)).first->second;
        const int32_t sent = send(id, placed, *backend);
        if (sent == WSE_OK) set_timer();
        return sent;
    });
    if (status == WSE_OK) return WSE_OK;
    // `kept` may have been moved from, but not its numbers.
    const auto at = questions_.find(id);
    if (at != questions_.end() && at->second.backend != 0) --backend->questions;
    ends_.erase({kept.until_ms, id});
    ids_.erase(token);
    questions_.erase(id);
    return status;
}

int32_t Questions::send(uint64_t id, Question &question, Backend &backend) {
    std::string body;
    MessageWriter out(backend.form, body);
    const uint64_t now = uv_now(loop_);
    out.begin_map().member("op", "ask").member_number("id", id);
    out.member("question", app::question_name(question.question));
    out.member_if("conn", question.connection).member_if("user", question.user);
    out.member_if("topic", question.topic).member_if("type", question.type);
    if (question.question == WSE_ASK_CONNECT) {
        out.member("data", question.data).member("source", app::source_name(question.source));
    } else {
        out.member_json("data", question.data);
    }
    out.member_if("peer", question.peer).member_if("listener", question.listener);
    out.member_number("deadline_ms", question.until_ms > now ? question.until_ms - now : 0).end();
    // No backend could read it; each would end its connection, and a client would have done it.
    if (body.size() > limits_.frame) return WSE_EDENIED;
    backend.socket->send(body);
    question.backend = backend.id();
    ++backend.questions;
    counters_.add(kQuestions);
    return WSE_OK;
}

void Questions::finish(uint64_t id, int32_t status, const wse_reply *reply) {
    const auto node = questions_.extract(id);
    const Question &question = node.mapped();
    if (Backend *const backend = backends_.find(question.backend)) --backend->questions;
    ids_.erase(question.token);
    ends_.erase({question.until_ms, id});
    host_->ask_done(host_, question.token, status, reply);
}

void Questions::tell_canceled(uint64_t id, const Question &question) {
    Backend *const backend = backends_.find(question.backend);
    if (!backend) return;
    std::string body;
    MessageWriter(backend->form, body)
        .begin_map()
        .member("op", "cancel")
        .member_number("id", id)
        .end();
    backend->socket->send(body);
}

void Questions::cancel(wse_ask_token *token) {
    const auto at = ids_.find(token);
    if (at == ids_.end()) return;
    const uint64_t id = at->second;
    tell_canceled(id, questions_.at(id));
    finish(id, WSE_ECANCELED, nullptr);
}

Step Questions::answer(Backend &backend, const app::Members &message, std::string_view text) {
    uint64_t id = 0;
    if (!message.number_or_nothing("id", id) || id == 0)
        return Step::wrong("bad_answer", "answer: id is the number of a question");
    const auto at = questions_.find(id);
    // Too late, or it was asked anew elsewhere.
    if (at == questions_.end() || at->second.backend != backend.id()) return Step::done();
    const uint32_t question = at->second.question;
    const app::Reply read = app::read_reply(question, text);
    const bool names_nobody =
        question == WSE_ASK_CONNECT && read.status == WSE_OK && !strict_json::is_user(read.user);
    if (!read.problem.empty() || names_nobody) {
        const std::string line =
            "question.malformed question=" + std::string(app::question_name(question)) +
            " name=" + (backend.name.empty() ? "-" : backend.name) + " cause=\"" +
            (names_nobody ? "user: is no name" : read.problem) + '"';
        host_->log(host_, WSE_LOG_WARN, line.c_str());
        finish(id, WSE_EIO, nullptr);
        return Step::done();
    }
    const wse_reply reply = {sizeof reply, 0, abi::bytes_of(read.user), abi::bytes_of(read.data),
                             read.expires_ms};
    finish(id, read.status, read.status == WSE_OK ? &reply : nullptr);
    return Step::done();
}

void Questions::gone(uint64_t backend) noexcept {
    for (auto at = questions_.begin(); at != questions_.end();) {
        const uint64_t id = at->first;
        Question &question = (at++)->second;
        if (question.backend != backend) continue;
        Backend *const next =
            question.until_ms > uv_now(loop_) ? choose(question.question) : nullptr;
        const int32_t status =
            abi::guarded([&] { return next ? send(id, question, *next) : WSE_EAGAIN; });
        if (status != WSE_OK) finish(id, WSE_EAGAIN, nullptr);
    }
}

void Questions::end_all() {
    while (!questions_.empty()) finish(questions_.begin()->first, WSE_ECANCELED, nullptr);
}

// The server has a deadline of its own; this is for what it does not cancel.
void Questions::on_time() {
    while (!ends_.empty() && ends_.begin()->first <= uv_now(loop_)) {
        const uint64_t id = ends_.begin()->second;
        tell_canceled(id, questions_.at(id));
        finish(id, WSE_ETIMEDOUT, nullptr);
    }
    set_timer();
}

void Questions::set_timer() {
    if (ends_.empty()) return timer_.stop();
    const uint64_t until = ends_.begin()->first, now = uv_now(loop_);
    timer_.start(until > now ? until - now : 1);
}

}  // namespace wse::app_socket
