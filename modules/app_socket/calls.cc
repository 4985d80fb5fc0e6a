// SPDX-License-Identifier: MIT
#include "calls.h"

#include <optional>
#include <utility>

#include "abi/module_class.h"

namespace wse::app_socket {
namespace {

constexpr size_t kMaxId = 64;  // bytes, as written
// For how long the server may have no room for a call before the backend is told.
constexpr uint64_t kPatienceMs = 5000;

}  // namespace

Calls::Calls(const wse_host *host, wse_loop *loop, Backends &backends, const Counters &counters,
             const Limits &limits)
    : host_(host),
      loop_(loop),
      uv_(static_cast<uv_loop_t *>(host->uv(host, loop))),
      backends_(backends),
      counters_(counters),
      limits_(limits) {}

Step Calls::take(Backend &backend, const app::Members &message) {
    const std::string_view id = message.raw_or_nothing("id");
    if (id.size() > kMaxId || id.starts_with('{') || id.starts_with('['))
        return Step::wrong("bad_call", "id: neither a number nor a short text");
    if (backend.calls >= limits_.under_way || backend.socket->is_crowded()) return Step::later();
    return begin(backend, message, id);
}

Step Calls::go_on(Backend &backend) {
    const std::string id = std::exchange(backend.partial_id, {});
    auto rest = std::exchange(backend.partial, std::nullopt);
    return issue(backend, std::move(*rest), id);
}

Step Calls::begin(Backend &backend, const app::Members &message, std::string_view id) {
    std::string method, problem;
    if (!message.text("method", method) || method.empty())
        return Step::wrong("bad_call", "method: not a text");
    const auto done = [this, number = backend.id(), kept = std::string(id)](const auto &result) {
        finish(number, kept, result);
    };
    auto call = app::Call::parse(method, message.raw_or_nothing("params"), done, problem);
    if (!call) {
        tell(backend, id, app::failed_call("invalid", problem));
        return Step::done();
    }
    ++backend.calls;
    counters_.add(kCalls);
    return issue(backend, std::move(*call), id);
}

// False once the server has had no room for too long.
bool Calls::has_patience(Backend &backend) const {
    const uint64_t now = uv_now(uv_);
    if (backend.patience_until_ms == 0) backend.patience_until_ms = now + kPatienceMs;
    return now < backend.patience_until_ms;
}

Step Calls::issue(Backend &backend, app::Call call, std::string_view id) {
    if (call.issue(host_, loop_) == WSE_OK) {
        backend.patience_until_ms = 0;
        return Step::done();
    }
    if (has_patience(backend)) {
        backend.partial_id = id;
        backend.partial = std::move(call);
        return Step::later();
    }
    // What is left of the call is dropped with it, and nobody hears of what was taken.
    backend.patience_until_ms = 0;
    --backend.calls;
    tell(backend, id, app::failed_call("unavailable", "the server has no room; again in a moment"));
    return Step::done();
}

void Calls::finish(uint64_t number, const std::string &id, const app::CallResult &result) {
    Backend *const backend = backends_.find(number);
    if (!backend) return;
    --backend->calls;
    const int32_t status = abi::guarded([&] {
        tell(*backend, id, result);
        return WSE_OK;
    });
    // A result must not be missing.
    if (status != WSE_OK) backend->socket->break_off("out of memory");
    // One that does not read goes on when it has: its message would be read in vain each time.
    if (!is_turned_away(*backend) && !backend->socket->is_crowded()) backend->socket->resume();
}

void Calls::tell(Backend &backend, std::string_view id, const app::CallResult &result) {
    if (id.empty()) return;
    std::string body;
    MessageWriter out(backend.form, body);
    out.begin_map().member("op", "result").member_json("id", id).key("ok").boolean(result.ok);
    out.member_json(result.ok ? "result" : "error", result.json).end();
    if (body.size() > limits_.frame)
        return tell(backend, id,
                    app::failed_call("too_large", "the result is larger than max_frame"));
    backend.socket->send(body);
}

}  // namespace wse::app_socket
