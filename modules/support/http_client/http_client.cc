// SPDX-License-Identifier: MIT
#include "http_client/http_client.h"

#include <algorithm>
#include <new>
#include <utility>

#include "http_client/connection.h"

namespace wse::http {

bool is_header_name(std::string_view name) {
    static constexpr std::string_view kOurs[] = {
        "host", "connection", "content-length", "transfer-encoding", "upgrade", "expect", "te"};
    std::string lower;
    for (const char c : name) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        const bool other =
            (c >= '0' && c <= '9') ||
            (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
        if (!letter && !other) return false;
        lower += letter ? static_cast<char>(c | 0x20) : c;
    }
    return !name.empty() && std::find(std::begin(kOurs), std::end(kOurs), lower) == std::end(kOurs);
}

bool is_header_value(std::string_view value) {
    return std::all_of(value.begin(), value.end(),
                       [](char c) { return (c >= 0x20 && c < 0x7f) || c == '\t'; });
}

HttpClient::HttpClient(uv_loop_t *loop, Limits limits, const TlsContext *tls)
    : loop_(loop), limits_(limits), tls_(tls), timer_(new uv_timer_t) {
    uv_timer_init(loop, timer_);
    timer_->data = this;
    streams_.owner = this;
    streams_.none = [](void *self) noexcept { static_cast<HttpClient *>(self)->on_all_closed(); };
}

HttpClient::~HttpClient() = default;

uint64_t HttpClient::send(Request request, Done done) {
    if (closing_ || (request.url.tls && !tls_)) return 0;
    if (waiting_count_ >= limits_.waiting) return 0;
    auto call = std::make_unique<Call>();
    const uint64_t id = ++last_id_;
    call->id = id;
    call->request = std::move(request);
    call->done = std::move(done);
    call->deadline = uv_now(loop_) + call->request.timeout_ms;
    waiting_.push_back(id);
    calls_.emplace(id, std::move(call));
    ++waiting_count_;
    try {
        pump();
    } catch (const std::bad_alloc &) {
        forget(id);
        throw;
    }
    return id;
}

// Gives waiting requests to connections, the oldest first.
void HttpClient::pump() {
    while (!waiting_.empty() && !closing_) {
        const auto at = calls_.find(waiting_.front());
        if (at == calls_.end() || at->second->connection) {
            waiting_.pop_front();
            continue;
        }
        Connection *const connection = connection_for(at->second->request.url);
        if (!connection) break;
        waiting_.pop_front();
        --waiting_count_;
        connection->carry(*at->second);
    }
    arm();
}

// An idle one to the same server, or a new one; for which an idle one to another server makes room.
HttpClient::Connection *HttpClient::connection_for(const Url &url) {
    const std::string origin = url.origin();
    Connection *other = nullptr;
    for (const auto &connection : connections_) {
        if (!connection->idle()) continue;
        if (connection->origin() == origin) return connection.get();
        other = connection.get();
    }
    if (connections_.size() >= limits_.connections) {
        if (!other) return nullptr;
        drop(*other);
    }
    connections_.push_back(std::make_unique<Connection>(*this, url));
    return connections_.back().get();
}

void HttpClient::drop(Connection &connection) {
    connections_.remove_if([&](const auto &each) { return each.get() == &connection; });
}

// A server may close a connection that it kept at the moment when the next request is on its way.
bool HttpClient::repeat(Call &call, const Connection &connection) {
    if (!connection.kept() || connection.answering() || call.repeated || !call.request.repeatable)
        return false;
    waiting_.push_front(call.id);
    call.repeated = true;
    call.connection = nullptr;
    ++waiting_count_;
    return true;
}

void HttpClient::finish(uint64_t id, Outcome outcome) {
    const auto at = calls_.find(id);
    if (at == calls_.end()) return;
    const std::unique_ptr<Call> call = std::move(at->second);
    calls_.erase(at);
    call->done(std::move(outcome));
    pump();
}

void HttpClient::forget(uint64_t id) {
    const auto at = calls_.find(id);
    if (at == calls_.end()) return;
    const std::unique_ptr<Call> call = std::move(at->second);
    calls_.erase(at);
    if (call->connection) {
        drop(*call->connection);  // an answer may be on its way
    } else {
        --waiting_count_;
    }
}

void HttpClient::cancel(uint64_t id) {
    forget(id);
    pump();
}

// To the next deadline there is.
void HttpClient::arm() {
    if (closing_) return;
    uint64_t next = UINT64_MAX;
    for (const auto &each : calls_) next = std::min(next, each.second->deadline);
    for (const auto &connection : connections_) next = std::min(next, connection->deadline());
    if (next == UINT64_MAX) {
        uv_timer_stop(timer_);
        return;
    }
    const uint64_t now = uv_now(loop_);
    uv_timer_start(
        timer_,
        [](uv_timer_t *timer) noexcept {
            auto *self = static_cast<HttpClient *>(timer->data);
            try {
                self->on_timer();
            } catch (const std::bad_alloc &) {
                self->arm();  // and tries again
            }
        },
        next > now ? next - now : 0, 0);
}

void HttpClient::on_timer() {
    expire(uv_now(loop_));
    arm();
}

void HttpClient::expire(uint64_t now) {
    std::vector<std::pair<uint64_t, std::string>> overdue;
    for (const auto &[id, call] : calls_) {
        if (call->deadline <= now)
            overdue.emplace_back(
                id, call->connection ? call->connection->overdue() : "no free connection in time");
    }
    std::vector<Connection *> unused;
    for (const auto &connection : connections_) {
        if (connection->deadline() > now) continue;
        if (connection->idle())
            unused.push_back(connection.get());
        else if (connection->call()->deadline > now)
            overdue.emplace_back(connection->call()->id, connection->overdue());
    }
    for (Connection *connection : unused) drop(*connection);
    for (auto &[id, problem] : overdue) {
        const auto at = calls_.find(id);  // a `done` may have ended others
        if (at == calls_.end()) continue;
        const Done done = std::move(at->second->done);
        forget(id);
        done({Failure::kTimeout, std::move(problem), {}});
    }
    if (!overdue.empty()) pump();
}

void HttpClient::close(std::function<void()> closed) {
    closing_ = true;
    closed_ = std::move(closed);
    connections_.clear();
    waiting_.clear();
    const auto calls = std::exchange(calls_, {});
    for (const auto &each : calls) each.second->done({Failure::kCanceled, "closed", {}});
    uv_close(reinterpret_cast<uv_handle_t *>(timer_), [](uv_handle_t *handle) noexcept {
        auto *self = static_cast<HttpClient *>(handle->data);
        delete reinterpret_cast<uv_timer_t *>(handle);
        self->timer_ = nullptr;
        self->on_all_closed();
    });
}

void HttpClient::on_all_closed() {
    if (!closing_ || timer_ || streams_.open > 0) return;
    // `closed` may destroy this client: nothing is touched after it.
    if (closed_) std::exchange(closed_, nullptr)();
}

}  // namespace wse::http
