// SPDX-License-Identifier: MIT
#include "base/log_file.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/log.h"

namespace wse::log {
namespace {

constexpr int kWaitMs = 50;

// Not blocking: a pipe whose reader sleeps must not keep the writer from seeing that it should end.
Result<int> open_for_append(const std::string &path) {
    const int fd = ::open(path.c_str(),
                          O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
    if (fd < 0)
        return Error{WSE_EIO, "cannot open log file '" + path + "': " + std::strerror(errno)};
    return fd;
}

}  // namespace

Result<void> LogFile::open(const std::string &path) {
    if (path.empty()) {
        fd_ = STDERR_FILENO;
    } else {
        auto fd = open_for_append(path);
        if (!fd) return fd.error();
        fd_ = *fd;
    }
    path_ = path;
    torn_ = false;
    waited_ms_ = 0;
    return {};
}

Result<void> LogFile::reopen() {
    if (path_.empty()) return {};
    auto fd = open_for_append(path_);
    if (!fd) return fd.error();
    ::close(std::exchange(fd_, *fd));
    torn_ = false;
    return {};
}

void LogFile::close() {
    if (fd_ >= 0 && fd_ != STDERR_FILENO) ::close(fd_);
    fd_ = -1;
}

size_t LogFile::write(std::string_view lines, const std::atomic<bool> &hurry) {
    if (fd_ < 0) return 0;
    std::string_view newline = torn_ ? "\n" : "";
    std::string_view rest = lines;
    while (!newline.empty() && write_some(newline, hurry)) {
    }
    while (newline.empty() && !rest.empty() && write_some(rest, hurry)) {
    }
    const size_t taken = lines.size() - rest.size();
    if (newline.empty()) torn_ = taken > 0 && lines[taken - 1] != '\n';
    return taken;
}

bool LogFile::write_some(std::string_view &rest, const std::atomic<bool> &hurry) {
    if (!wait_writable(hurry)) return false;
    // What poll() calls writable takes this much without waiting, even a blocking pipe.
    const ssize_t taken = ::write(fd_, rest.data(), std::min<size_t>(rest.size(), PIPE_BUF));
    if (taken < 0) return errno == EINTR || errno == EAGAIN;
    rest.remove_prefix(static_cast<size_t>(taken));
    return true;
}

bool LogFile::wait_writable(const std::atomic<bool> &hurry) {
    for (;;) {
        pollfd ready{.fd = fd_, .events = POLLOUT, .revents = 0};
        if (poll(&ready, 1, kWaitMs) > 0) return true;
        if (hurry && (waited_ms_ += kWaitMs) >= kStopPatienceMs) return false;
    }
}

}  // namespace wse::log
