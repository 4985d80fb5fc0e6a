// SPDX-License-Identifier: MIT
#include "backends.h"

#include <cstdio>
#include <utility>

namespace wse::app_socket {

Backend *Backends::find(uint64_t id) {
    const auto at = backends_.find(id);
    return at == backends_.end() ? nullptr : &at->second;
}

Backend &Backends::add(Socket *socket) {
    Backend &backend = backends_[socket->id()];
    backend.socket = socket;
    return backend;
}

void Backends::tell(Backend &backend, const Problem &problem, std::string_view id) {
    std::string body;
    MessageWriter out(backend.form, body);
    out.begin_map().member("op", "error").member_json("id", id);
    out.member("code", problem.code).member("message", problem.text).end();
    backend.socket->send(body);
}

void Backends::end(uint64_t id, const Problem &problem) {
    const auto at = backends_.find(id);
    if (at == backends_.end()) return;
    tell(at->second, problem, "");
    at->second.socket->finish();
    counters_.add(kRefused);
    forget(id, problem.code);
}

// Causes are words of ours, and names are plain: nothing that came stands in the log.
void Backends::log(int32_t level, const char *event, const Backend &backend,
                   const char *cause) noexcept {
    char line[256];
    std::snprintf(line, sizeof line, "%s connection=%llu name=%s cause=\"%s\"", event,
                  static_cast<unsigned long long>(backend.id()),
                  backend.name.empty() ? "-" : backend.name.c_str(), cause);
    host_->log(host_, level, line);
}

void Backends::forget(uint64_t id, const char *cause) noexcept {
    const auto at = backends_.find(id);
    if (at == backends_.end()) return;
    const auto node = backends_.extract(at);
    log(WSE_LOG_INFO, "backend.gone", node.mapped(), cause);
    forgotten(node.mapped());
}

}  // namespace wse::app_socket
