// SPDX-License-Identifier: MIT
#include "net/farewell.h"

#include <cerrno>

namespace wse::net {
namespace {

constexpr size_t kMostDrained = 1 << 20;  // of what a peer still sends, and nobody reads

}  // namespace

Farewell::Farewell(Context &context, Socket socket, std::string last_bytes)
    : Stage(context, std::move(socket), context.others),
      bytes_(std::move(last_bytes)),
      deadline_([this] { leave(); }) {
    context_.loop.timers().schedule(deadline_, context_.limits.linger_ms);
    write();
}

void Farewell::on_events(uint32_t) {
    if (left()) return;
    if (!shut_) write();
    drain();
}

void Farewell::cut(std::string_view) {
    deadline_.cancel();
    leave();
}

void Farewell::write() {
    while (written_ < bytes_.size()) {
        const ssize_t count = socket_.write(std::string_view(bytes_).substr(written_));
        if (count < 0) return;  // later, or the drain will find it broken
        written_ += static_cast<size_t>(count);
    }
    // Without the goodbye of TLS the end would look cut off.
    shut_ = socket_.shut_down_writing();
}

void Farewell::drain() {
    const ssize_t count = socket_.read(context_.poller.buffer());
    if (count == -EAGAIN) return;
    drained_ += count > 0 ? static_cast<size_t>(count) : 0;
    if (count <= 0 || drained_ > kMostDrained) {
        deadline_.cancel();
        leave();
        return;
    }
    context_.poller.run_again(*this);
}

}  // namespace wse::net
