// SPDX-License-Identifier: MIT
#include "listener.h"

#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

namespace wse::app_socket {
namespace {

constexpr int kBacklog = 128;

int new_socket(int family) {
    return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

sockaddr_un name_of(const char *path) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    std::strncpy(name.sun_path, path, sizeof name.sun_path - 1);
    return name;
}

const sockaddr *generic(const void *address) {
    return static_cast<const sockaddr *>(address);
}

std::string because(const char *what, int code) {
    return std::string(what) + ": " + std::strerror(code);
}

// Whoever listens takes the connection at once, or says that its backlog is full.
bool somebody_answers(const sockaddr_un &name) {
    const int fd = new_socket(AF_UNIX);
    if (fd < 0) return true;
    const bool answered = connect(fd, generic(&name), sizeof name) == 0 || errno == EAGAIN;
    close(fd);
    return answered;
}

// What a server left behind that did not end in good order.
std::string remove_stale(const char *path, const sockaddr_un &name) {
    struct stat found {};
    if (lstat(path, &found) != 0) return because("cannot look at it", errno);
    if (!S_ISSOCK(found.st_mode)) return "a file that is no socket has this name";
    if (somebody_answers(name)) return "somebody listens there already";
    return unlink(path) == 0 ? "" : because("cannot remove the stale file", errno);
}

std::string bind_unix(const Config &config, Place &place) {
    const sockaddr_un name = name_of(config.path);
    if (bind(place.fd, generic(&name), sizeof name) != 0) {
        if (errno != EADDRINUSE) return because("cannot bind", errno);
        std::string problem = remove_stale(config.path, name);
        if (!problem.empty()) return problem;
        if (bind(place.fd, generic(&name), sizeof name) != 0) return because("cannot bind", errno);
    }
    // Nobody can connect before it listens, so that no other mode is ever seen.
    if (chmod(config.path, mode_of(config)) != 0 || lstat(config.path, &place.file) != 0) {
        const int code = errno;
        unlink(config.path);
        return because("cannot set its mode", code);
    }
    place.path = config.path;
    return "";
}

std::string bind_tcp(const Config &config, Place &place) {
    const sockaddr_storage address = address_of(config.address).value_or(sockaddr_storage{});
    const int yes = 1;
    setsockopt(place.fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    const socklen_t size =
        address.ss_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
    return bind(place.fd, generic(&address), size) == 0 ? "" : because("cannot bind", errno);
}

std::string problem_of(const Config &config, Place &place) {
    const auto address = config.path ? std::nullopt : address_of(config.address);
    place.fd = new_socket(address ? address->ss_family : AF_UNIX);
    if (place.fd < 0) return because("cannot make a socket", errno);
    std::string problem = config.path ? bind_unix(config, place) : bind_tcp(config, place);
    if (problem.empty() && listen(place.fd, kBacklog) != 0)
        problem = because("cannot listen", errno);
    return problem;
}

void remove_file(const std::string &path, const struct stat &file) {
    struct stat found {};
    if (path.empty() || lstat(path.c_str(), &found) != 0) return;
    if (found.st_ino == file.st_ino && found.st_dev == file.st_dev) unlink(path.c_str());
}

}  // namespace

Place::~Place() {
    if (fd < 0) return;
    remove_file(path, file);
    ::close(fd);
}

std::string open_place(const Config &config, Place &ret) {
    const std::string problem = problem_of(config, ret);
    if (problem.empty()) return "";
    return (config.path ? std::string("path: ") + config.path
                        : std::string("address: ") + config.address) +
           ": " + problem;
}

Listener::Listener(uv_loop_t *loop, Place &place, std::function<void()> ready)
    : path_(place.path), file_(place.file), ready_(std::move(ready)) {
    const int fd = std::exchange(place.fd, -1);
    if (is_unix()) {
        uv_pipe_init(loop, &handle_.pipe, 0);
        uv_pipe_open(&handle_.pipe, fd);
    } else {
        uv_tcp_init(loop, &handle_.tcp);
        uv_tcp_open(&handle_.tcp, fd);
    }
    handle_.any.data = this;
    uv_listen(&handle_.stream, kBacklog, [](uv_stream_t *stream, int status) noexcept {
        if (status == 0) static_cast<Listener *>(stream->data)->ready_();
    });
}

std::string Listener::name() const {
    if (is_unix()) return path_;
    sockaddr_storage address{};
    int size = sizeof address;
    uv_tcp_getsockname(&handle_.tcp, reinterpret_cast<sockaddr *>(&address), &size);
    char host[INET6_ADDRSTRLEN] = "";
    uv_ip_name(generic(&address), host, sizeof host);
    // Both kinds of address have the port at the same place.
    const uint16_t port = ntohs(reinterpret_cast<const sockaddr_in *>(&address)->sin_port);
    const bool is_six = address.ss_family == AF_INET6;
    return (is_six ? "[" : "") + std::string(host) + (is_six ? "]:" : ":") + std::to_string(port);
}

void Listener::close(std::function<void()> closed) {
    remove_file(path_, file_);
    closed_ = std::move(closed);
    uv_close(&handle_.any, [](uv_handle_t *handle) noexcept {
        const std::function<void()> told =
            std::move(static_cast<Listener *>(handle->data)->closed_);
        told();
    });
}

}  // namespace wse::app_socket
