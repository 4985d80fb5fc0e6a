// SPDX-License-Identifier: MIT
// A net::Server on a loop of its own, and blocking clients of it on the test's thread. Nothing
// here sleeps: waiting is for an event, and ends the test when it does not come.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "net/address.h"
#include "net/echo.h"
#include "net/server.h"

namespace wse::test {

// A clock that stands still until a test moves it, from any thread.
class SharedClock final : public Clock {
public:
    uint64_t monotonic_ms() const override { return now_; }
    uint64_t wall_ms() const override { return 1'767'323'045'678; }
    void advance(uint64_t ms) { now_ += ms; }

private:
    std::atomic<uint64_t> now_{1'000'000};
};

// What the server's side of all connections has seen, as lines: "text hello", "closed 1000 bye".
class Journal {
public:
    void add(std::string line);
    // The next line not yet read; fails the test after some seconds without one.
    std::string next();
    // Reads lines until it is this one.
    void wait_for(const std::string &line);

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> lines_;
    size_t read_ = 0;
};

struct AcceptedFd {
    int fd;
};

// A blocking TCP client, or the other side of one.
class Client {
public:
    Client();  // not yet connected
    explicit Client(const std::string &address, int receive_buffer = 0);
    explicit Client(AcceptedFd accepted);  // takes it over
    ~Client();
    Client(const Client &) = delete;
    Client &operator=(const Client &) = delete;

    void connect_to(const std::string &address);
    void send(std::string_view bytes);
    // One octet per segment.
    void drip(std::string_view bytes);
    // Exactly so many bytes; fewer when the connection ends.
    std::string receive(size_t count);
    std::string receive_line();  // up to and with "\r\n"
    std::string receive_head();  // up to and with the empty line
    std::string receive_all();   // until the end of the stream; fails on a reset
    // One server frame: its two head octets' meaning and payload, "text hello", "close 1000 bye".
    std::string receive_frame();
    bool ended();  // the next thing is the end of the stream
    void end();    // no more from us
    void reset();  // closes with RST
    int fd() const { return fd_; }

    std::string upgrade(std::string_view path = "/wse", std::string_view headers = "");

private:
    void set_patience();
    int fd_;
};

// The request that opens a WebSocket.
std::string upgrade_request(std::string_view path = "/wse", std::string_view headers = "");

// Its own WebSockets are at /wse, and an echo at /echo.
class Loopback : public net::UpgradeGate {
public:
    struct Options {
        net::Limits limits;
        uint64_t max_total = 0;
        uint64_t max_per_address = 0;
        uint64_t max_relays = 0;
        net::Connector fallback;
        net::Certificates *certificates = nullptr;  // outlives the server
        std::vector<Network> trusted_proxies = {};
        bool proxy_protocol = false;
        bool real_clock = true;
    };
    Loopback() : Loopback(Options{}) {}
    explicit Loopback(Options options);
    ~Loopback() override;

    const std::string &address() const { return address_; }
    void on_loop(std::function<void()> task) { loop_->call(std::move(task)); }
    // The kernel has a connection before the loop has it, and a deadline counts from there.
    void await_accepted(uint64_t connections) {
        while (counter(Counter::connections_accepted) < connections) on_loop([] {});
        on_loop([] {});  // it counts a connection first, and then begins with it
    }
    // Moves the clock and lets the loop act on it.
    void advance(uint64_t ms) { clock_.advance(ms); }
    uint64_t counter(Counter counter) const { return counters_.read(counter); }
    // The connection opened last. [loop]
    net::Connection *latest() { return latest_; }

    Journal journal;
    // Set before a client connects. [loop]
    std::function<void(net::Connection &, std::string_view)> on_text;
    std::function<void(net::Connection &)> on_open;
    std::function<void(net::Connection &)> on_drained;
    std::function<void()> on_activity;
    std::function<void(net::Connection &)> on_control;
    net::Refusal refusal;
    std::function<std::unique_ptr<net::Extension>()> extension;
    std::unique_ptr<net::Server> server;

    net::Refusal admit(const net::RequestHead &head, const net::Peer &peer) override;
    std::unique_ptr<net::Extension> extend(const net::RequestHead &head) override;
    std::unique_ptr<net::MessageHandler> open(net::Connection &connection,
                                              const net::RequestHead &head) override;

private:
    class Session;
    SharedClock clock_;
    SystemClock real_clock_;
    Counters counters_;
    net::ConnectionLimits limits_;
    std::unique_ptr<Loop> loop_;
    std::string address_;
    net::Connection *latest_ = nullptr;
    net::EchoGate echo_{*this};
};

}  // namespace wse::test
