// SPDX-License-Identifier: MIT
#include "admin/control_socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace wse::admin {
namespace {

Error failure(const std::string &path, const char *what, int code) {
    return Error{WSE_EIO, "control socket " + path + ": " + what + ": " + strerrordesc_np(code)};
}

int new_socket() {
    return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

const sockaddr *generic(const sockaddr_un &address) {
    return reinterpret_cast<const sockaddr *>(&address);
}

// A listening socket takes the connection at once, or says that its backlog is full.
bool somebody_answers(const sockaddr_un &address) {
    const int fd = new_socket();
    if (fd < 0) return false;
    const bool answered = connect(fd, generic(address), sizeof address) == 0 || errno == EAGAIN;
    close(fd);
    return answered;
}

Result<void> remove_stale(const std::string &path, const sockaddr_un &address) {
    struct stat found {};
    if (lstat(path.c_str(), &found) != 0) return failure(path, "cannot look at it", errno);
    if (!S_ISSOCK(found.st_mode))
        return Error{WSE_EINVAL, "control socket " + path + ": a file that is not a socket has " +
                                     "this name; remove it or set another server.runtime_dir"};
    if (somebody_answers(address))
        return Error{WSE_EAGAIN, "another wsed is running on " + path +
                                     "; stop it or set another server.runtime_dir"};
    if (unlink(path.c_str()) != 0) return failure(path, "cannot remove the stale file", errno);
    return {};
}

Result<void> bind_to(int fd, const std::string &path, const sockaddr_un &address) {
    if (bind(fd, generic(address), sizeof address) == 0) return {};
    if (errno == EACCES)
        return Error{WSE_EIO, "control socket " + path +
                                  ": cannot bind: server.user may not write to the directory"};
    if (errno != EADDRINUSE) return failure(path, "cannot bind", errno);
    if (auto removed = remove_stale(path, address); !removed) return removed;
    if (bind(fd, generic(address), sizeof address) != 0) return failure(path, "cannot bind", errno);
    return {};
}

}  // namespace

Result<ControlSocket> open_control_socket(const std::string &path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path)
        return Error{WSE_EINVAL, "control socket " + path + ": the path must have 1 to " +
                                     std::to_string(sizeof address.sun_path - 1) + " bytes"};
    path.copy(address.sun_path, path.size());

    ControlSocket socket;
    socket.fd = new_socket();
    if (socket.fd < 0) return failure(path, "cannot make a socket", errno);
    if (auto bound = bind_to(socket.fd, path, address); !bound) {
        close(socket.fd);
        return bound.error();
    }
    // The mode is set before anybody can connect: nothing listens yet.
    struct stat made {};
    if (chmod(path.c_str(), 0660) != 0 || lstat(path.c_str(), &made) != 0) {
        const Error error = failure(path, "cannot set its mode", errno);
        unlink(path.c_str());
        close(socket.fd);
        return error;
    }
    socket.device = made.st_dev;
    socket.inode = made.st_ino;
    return socket;
}

void remove_control_socket(const std::string &path, const ControlSocket &socket) {
    struct stat found {};
    if (lstat(path.c_str(), &found) != 0) return;
    if (found.st_dev == socket.device && found.st_ino == socket.inode) unlink(path.c_str());
}

}  // namespace wse::admin
