// SPDX-License-Identifier: MIT
// The other end of a stream socket in a test: blocking, with a limit on every wait.
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <utility>

namespace wse::test {

class UnixPeer {
public:
    static constexpr int kWaitMs = 10'000;  // only a failing test waits that long

    explicit UnixPeer(int fd) : fd_(fd) {}
    explicit UnixPeer(const std::string &path) : fd_(socket(AF_UNIX, SOCK_STREAM, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        if (connect(fd_, reinterpret_cast<sockaddr *>(&address), sizeof address) != 0) end();
    }
    ~UnixPeer() { end(); }
    UnixPeer(UnixPeer &&other) noexcept
        : fd_(std::exchange(other.fd_, -1)), input_(std::move(other.input_)) {}

    bool connected() const { return fd_ >= 0; }
    int fd() const { return fd_; }
    void end() {
        if (fd_ >= 0) close(std::exchange(fd_, -1));
    }
    void end_writing() { shutdown(fd_, SHUT_WR); }

    bool write(std::string_view text) {
        while (!text.empty()) {
            if (!wait(POLLOUT)) return false;
            const ssize_t sent = send(fd_, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (sent < 0 && errno != EAGAIN) return false;
            if (sent > 0) text.remove_prefix(static_cast<size_t>(sent));
        }
        return true;
    }

    // The next line without its newline; "<end>" when the other side has ended, "<timeout>".
    std::string line() {
        for (;;) {
            if (const size_t end = input_.find('\n'); end != std::string::npos) {
                std::string found = input_.substr(0, end);
                input_.erase(0, end + 1);
                return found;
            }
            if (!wait(POLLIN)) return "<timeout>";
            if (!take()) return "<end>";
        }
    }

    std::string ask(std::string_view request) {
        write(request);
        write("\n");
        return line();
    }

    // So many bytes, or as many as came.
    std::string bytes(size_t count) {
        while (input_.size() < count && wait(POLLIN) && take()) continue;
        std::string found = input_.substr(0, count);
        input_.erase(0, found.size());
        return found;
    }

    // Everything up to the end.
    std::string rest() {
        while (wait(POLLIN) && take()) continue;
        return std::exchange(input_, {});
    }

private:
    bool wait(short event) const {
        pollfd waiting{fd_, event, 0};
        return poll(&waiting, 1, kWaitMs) == 1;
    }
    bool take() {
        char buffer[65536];
        const ssize_t count = recv(fd_, buffer, sizeof buffer, 0);
        if (count <= 0) return false;
        input_.append(buffer, static_cast<size_t>(count));
        return true;
    }

    int fd_;
    std::string input_;
};

}  // namespace wse::test
