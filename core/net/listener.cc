// SPDX-License-Identifier: MIT
#include "net/listener.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/log.h"
#include "net/address.h"
#include "net/answer.h"
#include "net/farewell.h"
#include "net/handshake.h"

namespace wse::net {
namespace {

constexpr int kFairAccepts = 64;      // before the connections that exist get their turn
constexpr size_t kMaxRefusals = 256;  // that get time to read their 503
constexpr uint64_t kRestMs = 200;
constexpr int kUserTimeoutMs = 30'000;  // unacknowledged data ends a connection

int open_spare() {
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

void set(int fd, int level, int option, int value) {
    setsockopt(fd, level, option, &value, sizeof value);  // fails on a Unix socket, and may
}

void prepare(int fd) {
    set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, kUserTimeoutMs);
    set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set(fd, IPPROTO_TCP, TCP_KEEPIDLE, 60);
    set(fd, IPPROTO_TCP, TCP_KEEPINTVL, 10);
    set(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
}

}  // namespace

Listener::Listener(Context &context, ConnectionLimits &limits, ListenerOptions options)
    : context_(context),
      limits_(limits),
      options_(std::move(options)),
      fd_(options_.fd),
      spare_(open_spare()),
      rest_([this] {
          resting_ = false;
          on_events(EPOLLIN);
      }) {}

Listener::~Listener() {
    stop();
    if (spare_ >= 0) ::close(spare_);
}

Result<void> Listener::start() {
    return context_.poller.watch(fd_, *this);
}

void Listener::stop() {
    if (fd_ < 0) return;
    rest_.cancel();
    context_.poller.forget(fd_, *this);
    ::close(fd_);
    fd_ = -1;
}

void Listener::on_events(uint32_t) {
    if (fd_ < 0 || resting_) return;
    for (int i = 0; i < kFairAccepts; ++i) {
        sockaddr_storage address{};
        socklen_t size = sizeof address;
        const int fd = accept4(fd_, reinterpret_cast<sockaddr *>(&address), &size,
                               SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            starved_ = false;
            take(fd, address);
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            return;
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            return out_of_descriptors(errno);
        }
        // Any other error concerns the one connection, which has gone already (accept(2)).
    }
    context_.poller.run_again(*this);
}

void Listener::take(int fd, const sockaddr_storage &address) {
    context_.counters.add(Counter::connections_accepted);
    prepare(fd);
    const bool by_proxy = any_contains(options_.trusted_proxies, address);
    ConnectionLimits::Ticket ticket = by_proxy ? limits_.admit_proxy() : limits_.admit(address);
    const bool admitted = static_cast<bool>(ticket);
    Socket socket(fd, peer_of(address), std::move(ticket));
    if (!admitted) return refuse(fd, std::move(socket));
    Stage::begin(std::make_unique<Handshake>(context_, std::move(socket), options_, by_proxy));
    if (context_.handshakes.size <= context_.limits.max_pending_handshakes) return;
    context_.counters.add(Counter::handshakes_cut);
    // The oldest has had the most time; giving up on the newest would lock everybody out.
    static_cast<Handshake *>(context_.handshakes.first)->give_up();
}

void Listener::refuse(int fd, Socket socket) {
    context_.counters.add(Counter::connections_refused_limit);
    log::info("net", "connection.refused_limit", {{"peer", socket.peer().ip}});
    // In TLS an answer would cost a handshake, which is what there is no room for.
    if (options_.certificates) {
        context_.counters.add(Counter::connections_closed);
        return;
    }
    const std::string answer = http_answer(too_many_connections());
    if (context_.others.size < kMaxRefusals) {
        Stage::begin(std::make_unique<Farewell>(context_, std::move(socket), answer));
        return;
    }
    Socket::write_to(fd, answer);
    context_.counters.add(Counter::connections_closed);
}

void Listener::out_of_descriptors(int why) {
    if (!starved_) {
        log::error("net", "listener.out_of_descriptors",
                   {{"listener", options_.name},
                    {"error", std::strerror(why)},
                    {"hint", "raise LimitNOFILE or lower limits.max_connections"}});
    }
    starved_ = true;
    // With the spare descriptor the one who waits longest gets an answer; the rest stay in the
    // kernel's queue until descriptors are free again.
    if (spare_ >= 0) ::close(spare_);
    const int fd = accept4(fd_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
        if (!options_.certificates) Socket::write_to(fd, http_answer(too_many_connections()));
        ::close(fd);
        context_.counters.add(Counter::connections_refused_limit);
    }
    spare_ = open_spare();
    resting_ = true;
    context_.loop.timers().schedule(rest_, kRestMs);
}

}  // namespace wse::net
