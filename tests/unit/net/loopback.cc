// SPDX-License-Identifier: MIT
#include "unit/net/loopback.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>

namespace wse::test {
namespace {

constexpr int kPatienceSeconds = 10;
constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";

}  // namespace

void Journal::add(std::string line) {
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
    changed_.notify_all();
}

std::string Journal::next() {
    std::unique_lock lock(mutex_);
    const bool came = changed_.wait_for(lock, std::chrono::seconds(kPatienceSeconds),
                                        [this] { return read_ < lines_.size(); });
    return came ? lines_[read_++] : "(nothing came)";
}

void Journal::wait_for(const std::string &line) {
    std::string got;
    do {
        got = next();
    } while (got != line && got != "(nothing came)");
    EXPECT_EQ(got, line);
}

Client::Client() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    set_patience();
}

Client::Client(AcceptedFd accepted) : fd_(accepted.fd) {
    set_patience();
}

void Client::set_patience() {
    const timeval patience{kPatienceSeconds, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

Client::Client(const std::string &address, int receive_buffer) : Client() {
    if (receive_buffer) {
        setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    connect_to(address);
}

void Client::connect_to(const std::string &address) {
    const Result<net::Address> target = net::parse_address(address);
    EXPECT_EQ(connect(fd_, target->raw(), target->size), 0) << address;
}

Client::~Client() {
    if (fd_ >= 0) ::close(fd_);
}

void Client::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) return;
        bytes.remove_prefix(static_cast<size_t>(count));
    }
}

void Client::drip(std::string_view bytes) {
    for (const char &octet : bytes) send({&octet, 1});
}

std::string Client::receive(size_t count) {
    std::string bytes(count, '\0');
    const ssize_t got = count ? recv(fd_, bytes.data(), count, MSG_WAITALL) : 0;
    EXPECT_GE(got, 0) << "nothing came, or a reset";
    bytes.resize(got > 0 ? static_cast<size_t>(got) : 0);
    return bytes;
}

std::string Client::receive_line() {
    std::string line;
    while (!line.ends_with("\r\n")) {
        const std::string octet = receive(1);
        if (octet.empty()) break;
        line += octet;
    }
    return line;
}

std::string Client::receive_head() {
    std::string head;
    while (!head.ends_with("\r\n\r\n")) {
        const std::string line = receive_line();
        if (line.empty()) break;
        head += line;
    }
    return head;
}

std::string Client::receive_all() {
    std::string all;
    while (true) {
        const std::string some = receive(1);
        if (some.empty()) return all;
        all += some;
    }
}

std::string Client::receive_frame() {
    const std::string head = receive(2);
    if (head.size() < 2) return "(end)";
    const auto byte = [](const std::string &text, size_t at) {
        return static_cast<uint64_t>(static_cast<uint8_t>(text[at]));
    };
    uint64_t size = byte(head, 1);
    if (size >= 126) {
        const std::string more = receive(size == 126 ? 2 : 8);
        size = 0;
        for (size_t i = 0; i < more.size(); ++i) size = size << 8 | byte(more, i);
    }
    const std::string payload = receive(size);
    switch (byte(head, 0)) {
        case 0x81:
            return "text " + payload;
        case 0x82:
            return "binary " + payload;
        case 0x8a:
            return "pong " + payload;
        case 0x88:
            if (payload.empty()) return "close";
            return "close " + std::to_string(byte(payload, 0) << 8 | byte(payload, 1)) + " " +
                   payload.substr(2);
        default:
            return "(odd frame " + std::to_string(byte(head, 0)) + ")";
    }
}

bool Client::ended() {
    char octet = 0;
    return recv(fd_, &octet, 1, 0) == 0;
}

void Client::end() {
    shutdown(fd_, SHUT_WR);
}

void Client::reset() {
    const linger at_once{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(fd_);
    fd_ = -1;
}

std::string upgrade_request(std::string_view path, std::string_view headers) {
    return "GET " + std::string(path) +
           " HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " +
           std::string(kKey) + "\r\n" + std::string(headers) + "\r\n";
}

std::string Client::upgrade(std::string_view path, std::string_view headers) {
    send(upgrade_request(path, headers));
    return receive_head();
}

class Loopback::Session final : public net::MessageHandler {
public:
    Session(Loopback &owner, net::Connection &connection)
        : owner_(owner), connection_(connection) {}

    void on_text(std::string_view message) override {
        if (owner_.on_text) return owner_.on_text(connection_, message);
        owner_.journal.add("text " + std::string(message));
    }
    void on_binary(std::string_view message) override {
        owner_.journal.add("binary " + std::string(message));
    }
    void on_activity() override {
        if (owner_.on_activity) owner_.on_activity();
    }
    void on_control() override {
        if (owner_.on_control) owner_.on_control(connection_);
    }
    void on_drained() override {
        if (owner_.on_drained) owner_.on_drained(connection_);
    }
    void on_closed(const net::CloseReason &reason) override {
        owner_.journal.add("closed " + std::to_string(reason.code) +
                           (reason.by_peer ? " by peer" : "") +
                           (reason.code == 1006 ? "" : " " + reason.text));
        if (owner_.latest_ == &connection_) owner_.latest_ = nullptr;
    }

private:
    Loopback &owner_;
    net::Connection &connection_;
};

Loopback::Loopback(Options options)
    : limits_(options.max_total, options.max_per_address, options.max_relays) {
    const Clock &clock =
        options.real_clock ? static_cast<const Clock &>(real_clock_) : static_cast<Clock &>(clock_);
    loop_ = std::make_unique<Loop>("net-test", clock);
    server = std::make_unique<net::Server>(*loop_, clock, options.limits, limits_, counters_);
    const Result<net::Bound> bound = net::bind_address("127.0.0.1:0", 1);
    EXPECT_TRUE(bound.ok());
    address_ = bound->address;
    const Result<void> listening = server->listen({.name = "test",
                                                   .fd = bound->fds[0],
                                                   .routes = {{"/wse", this}, {"/echo", &echo_}},
                                                   .fallback = options.fallback,
                                                   .certificates = options.certificates,
                                                   .trusted_proxies = options.trusted_proxies,
                                                   .proxy_protocol = options.proxy_protocol});
    EXPECT_TRUE(listening.ok());
    loop_->start();
}

Loopback::~Loopback() {
    loop_->call([this] { server.reset(); });
    loop_->stop();
}

net::Refusal Loopback::admit(const net::RequestHead &, const net::Peer &) {
    return refusal;
}

std::unique_ptr<net::Extension> Loopback::extend(const net::RequestHead &) {
    return extension ? extension() : nullptr;
}

std::unique_ptr<net::MessageHandler> Loopback::open(net::Connection &connection,
                                                    const net::RequestHead &head) {
    latest_ = &connection;
    journal.add("open " + head.path + (head.query.empty() ? "" : "?" + head.query));
    if (on_open) on_open(connection);
    return std::make_unique<Session>(*this, connection);
}

}  // namespace wse::test
