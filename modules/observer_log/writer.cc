// SPDX-License-Identifier: MIT
#include "writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "abi/module_class.h"

namespace wse::observer_log {

Writer::Writer(const wse_host *host, std::string path, size_t limit, Counters counters)
    : host_(host), path_(std::move(path)), limit_(limit), counters_(counters) {}

Writer::~Writer() {
    if (fd_ >= 0) close(fd_);
}

std::string Writer::open() {
    // Without O_NONBLOCK a FIFO would hold us here.
    const int fd =
        ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0640);
    if (fd < 0) return path_ + ": " + std::strerror(errno);
    struct stat status {};
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        close(fd);
        return path_ + ": not a regular file";
    }
    if (fd_ >= 0) close(fd_);
    fd_ = fd;
    ends_in_line_ = false;
    return "";
}

void Writer::add(std::string line) {
    line += '\n';
    if (waiting_.text.size() + line.size() > limit_) return tell_lost(1);
    waiting_.text += line;
    ++waiting_.lines;
    begin();
}

void Writer::lose() {
    host_->stat_add(host_, counters_.lost, 1);
}

void Writer::begin() {
    if (writing_ || waiting_.lines == 0) return;
    batch_ = std::exchange(waiting_, {});
    writing_ = host_->work(host_, loop_, write_batch, written, this) == WSE_OK;
    // The next line tries again.
    if (!writing_) waiting_ = std::exchange(batch_, {});
}

// Renamed, removed or replaced since it was opened, as rotations do.
bool Writer::is_replaced() const {
    struct stat ours {};
    struct stat theirs {};
    if (fd_ < 0 || stat(path_.c_str(), &theirs) != 0 || fstat(fd_, &ours) != 0) return true;
    return ours.st_dev != theirs.st_dev || ours.st_ino != theirs.st_ino;
}

void Writer::write_batch(void *p) noexcept {
    auto *self = static_cast<Writer *>(p);
    const int32_t status = abi::guarded([&] {
        self->problem_ = self->write_file();
        return WSE_OK;
    });
    if (status != WSE_OK) self->problem_ = "out of memory";  // short enough to need none
}

// Empty, or why not all of the batch is in the file.
std::string Writer::write_file() {
    std::string problem = is_replaced() ? open() : "";
    if (!problem.empty()) return problem;
    if ((!ends_in_line_ || write_all("\n")) && write_all(batch_.text)) return "";
    return path_ + ": " + std::strerror(errno);
}

bool Writer::write_all(std::string_view text) {
    while (!text.empty()) {
        const ssize_t n = write(fd_, text.data(), text.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return false;
        ends_in_line_ = text[static_cast<size_t>(n) - 1] != '\n';
        text.remove_prefix(static_cast<size_t>(n));
    }
    return true;
}

void Writer::written(void *p) noexcept {
    auto *self = static_cast<Writer *>(p);
    self->writing_ = false;
    const Batch batch = std::exchange(self->batch_, {});
    if (self->problem_.empty()) {
        self->failing_ = false;
        self->host_->stat_add(self->host_, self->counters_.written, batch.lines);
    } else {
        self->tell_lost(batch.lines);
    }
    self->begin();
    if (self->stop_token_ && !self->writing_)
        self->host_->stop_done(self->host_, self->stop_token_);
}

// Once, until a batch has been written again.
void Writer::tell_lost(int64_t lines) {
    host_->stat_add(host_, counters_.lost, lines);
    if (std::exchange(failing_, true)) return;
    const bool full = writing_ || problem_.empty();
    char text[1024];
    std::snprintf(text, sizeof text, "file.lost cause=\"%s\" effect=\"lines are missing\"",
                  full ? "the disk does not keep up" : problem_.c_str());
    host_->log(host_, WSE_LOG_ERROR, text);
}

void Writer::stop(wse_stop_token *token) {
    stop_token_ = token;
    begin();
    if (!writing_) host_->stop_done(host_, token);
}

}  // namespace wse::observer_log
