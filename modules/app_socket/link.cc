// SPDX-License-Identifier: MIT
#include "link.h"

#include <string>

#include "abi/module_class.h"
#include "hello.h"

namespace wse::app_socket {
namespace {

constexpr uint64_t kFirstFrame = 65536;  // of somebody who has not said who it is
constexpr uint64_t kRetryMs = 5;
constexpr uint32_t kOwnHandles = 5;  // the listener and the timers
// For a backend to go on with the last events.
constexpr uint64_t kStopPatienceMs = 2000;

Problem wrong(std::string text) {
    return {"bad_message", std::move(text)};
}

}  // namespace

Link::Link(const wse_host *host, wse_loop *loop, const Config &config, const Counters &counters,
           Place &place)
    : host_(host),
      loop_(loop),
      uv_(static_cast<uv_loop_t *>(host->uv(host, loop))),
      config_(config),
      counters_(counters),
      backends_(host, counters),
      draining_(host, loop, backends_, counters, static_cast<uint64_t>(config.max_frame)),
      questions_(
          host, uv_, backends_, counters,
          {static_cast<uint64_t>(config.max_questions), static_cast<uint64_t>(config.max_frame)}),
      calls_(host, loop, backends_, counters,
             {static_cast<uint64_t>(config.max_calls), static_cast<uint64_t>(config.max_frame)}),
      retry_(uv_, [this] { retry(); }),
      stopping_(uv_, [this] { close_all(); }),
      open_(kOwnHandles),
      listener_(uv_, place, [this] { accept(); }) {
    backends_.forgotten = [this](const Backend &backend) {
        draining_.gone(backend);
        questions_.gone(backend.id());
    };
    draining_.changed = [this] { go_on_stopping(); };
    // With a handle there is no way back.
    static_cast<void>(abi::guarded([this] {
        const std::string line = "link.listening place=" + listener_.name();
        host_->log(host_, WSE_LOG_INFO, line.c_str());
        return WSE_OK;
    }));
}

// Nobody else is let in before the one who waits.
void Link::accept() {
    is_accept_due_ =
        abi::guarded([this] {
            const Socket::Limits limits = {kFirstFrame, static_cast<uint64_t>(config_.max_frame),
                                           static_cast<uint64_t>(config_.output_buffer)};
            Socket *const socket =
                Socket::make(uv_, listener_.is_unix(), ++last_id_, limits, *this);
            ++open_;
            // Those who are told why they have to go are there for a moment yet.
            const bool is_flood =
                open_ > kOwnHandles + 4 * static_cast<uint64_t>(config_.max_connections);
            if (!listener_.accept(socket->stream()) || is_flood) {
                socket->close();
                return WSE_OK;
            }
            backends_.add(socket);
            socket->start(static_cast<uint64_t>(config_.hello_timeout));
            if (backends_.size() > static_cast<uint64_t>(config_.max_connections))
                backends_.end(socket->id(), {"too_many",
                                             "as many connections as max_connections "
                                             "allows are open; close one"});
            return WSE_OK;
        }) != WSE_OK;
    if (is_accept_due_) retry_.start(kRetryMs);
}

void Link::on_gone(Socket &socket, const char *cause) noexcept {
    backends_.forget(socket.id(), cause);
}

void Link::on_late(Socket &socket) {
    backends_.end(socket.id(), {"late", "no hello came in time"});
}

void Link::on_too_big(Socket &socket) {
    backends_.end(socket.id(), {"too_large",
                                "a frame is larger than max_frame, a hello larger than "
                                "65536 bytes"});
}

bool Link::on_frame(Socket &socket, std::string_view frame) {
    Backend *const backend = backends_.find(socket.id());
    if (!backend) return true;
    const Step step = backend->partial ? calls_.go_on(*backend) : take(*backend, frame);
    if (step.problem.code) backends_.end(socket.id(), step.problem);
    if (step.is_later && calls_.is_turned_away(*backend)) retry_.start(kRetryMs);
    return !step.is_later;
}

Step Link::take(Backend &backend, std::string_view frame) {
    std::string text;
    app::Members message;
    if (backend.form == Form::kMsgpack) {
        if (reader_.convert(frame, text) != WSE_OK)
            return {false, wrong("not one map of MessagePack whose keys are different texts")};
        frame = text;
    }
    if (!message.read(frame))
        return {false,
                wrong("not one JSON object in UTF-8, of at most 64 members with different names")};
    return backend.is_greeted ? take_message(backend, message, frame) : greet(backend, message);
}

Step Link::take_message(Backend &backend, const app::Members &message, std::string_view text) {
    std::string op;
    if (!message.text("op", op)) return {false, wrong("op: not a text")};
    if (op == "call") return calls_.take(backend, message);
    if (op == "answer") return questions_.answer(backend, message, text);
    if (op == "ack") return draining_.ack(message);
    if (op == "drain") {
        if (backend.socket->is_crowded()) return Step::later();
        return draining_.drain(backend, message);
    }
    if (op != "ping")
        return {false, wrong("op: none of drain, ack, call, answer, ping; hello comes once")};
    std::string body;
    MessageWriter out(backend.form, body);
    out.begin_map().member("op", "pong").member_json("id", message.raw_or_nothing("id")).end();
    backend.socket->send(body);
    return Step::done();
}

Step Link::greet(Backend &backend, const app::Members &message) {
    Hello hello;
    Problem problem = read_hello(message, config_.secret ? config_.secret : "", hello);
    if (!problem.code) problem = draining_.resume(hello);
    if (problem.code) return {false, std::move(problem)};
    backend.name = std::move(hello.name);
    backend.answers = hello.answers;
    backend.takes_over = hello.takes_over;
    welcome(backend);
    backend.form = hello.form;
    backend.is_greeted = true;
    counters_.add(kConnections);
    const std::string line = "backend.here connection=" + std::to_string(backend.id()) +
                             " name=" + (backend.name.empty() ? "-" : backend.name);
    host_->log(host_, WSE_LOG_INFO, line.c_str());
    return Step::done();
}

// As JSON, whatever follows.
void Link::welcome(Backend &backend) {
    std::string body;
    MessageWriter out(Form::kJson, body);
    out.begin_map().member("op", "welcome").member_number("version", 1);
    out.member("server", WSE_VERSION).member("instance", config_.name);
    out.member("epoch", draining_.epoch()).member_number("seq", draining_.acknowledged());
    out.member_number("max_frame", static_cast<uint64_t>(config_.max_frame)).end();
    backend.socket->send(body);
}

// What is resumed may end a backend, this or another.
void Link::retry() {
    if (is_accept_due_) accept();
    std::vector<uint64_t> turned_away;
    for (const auto &[id, backend] : backends_.all())
        if (calls_.is_turned_away(backend)) turned_away.push_back(id);
    for (const uint64_t id : turned_away)
        if (Backend *const backend = backends_.find(id)) backend->socket->resume();
}

int32_t Link::deliver(const wse_app_event *events, uint64_t count, wse_batch_token *token) {
    return is_closed_ ? WSE_EAGAIN : draining_.deliver(events, count, token);
}

int32_t Link::ask(const wse_question &question, wse_ask_token *token) {
    return is_closed_ ? WSE_EAGAIN : questions_.ask(question, token);
}

void Link::stop(wse_stop_token *token) {
    stop_token_ = token;
    if (draining_.has_batch() && draining_.has_drainer()) {
        stopping_.start(kStopPatienceMs);
    } else {
        close_all();
    }
}

// Called from the middle of what a backend did, so that the end comes with the next turn. What goes
// on goes on until the time is over that stop() has set: the server waited for this batch before.
void Link::go_on_stopping() {
    if (!stop_token_ || is_closed_) return;
    if (!draining_.has_batch() || !draining_.has_drainer()) stopping_.start(0);
}

void Link::close_all() {
    if (is_closed_) return;
    is_closed_ = true;
    if (const uint64_t lost = draining_.give_up()) {
        const std::string line = "events.lost count=" + std::to_string(lost) +
                                 " cause=\"the server stops and no backend acknowledged them\"";
        host_->log(host_, WSE_LOG_WARN, line.c_str());
    }
    questions_.end_all();
    while (backends_.size() > 0) {
        const auto &[id, backend] = *backends_.all().begin();
        backend.socket->finish();
        backends_.forget(id, "the server stops");
    }
    const auto released = [this] { on_released(); };
    listener_.close(released);
    draining_.close(released);
    questions_.close(released);
    retry_.close(released);
    stopping_.close(released);
}

void Link::on_released() noexcept {
    if (--open_ == 0 && is_closed_) host_->stop_done(host_, stop_token_);
}

}  // namespace wse::app_socket
