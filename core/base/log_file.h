// SPDX-License-Identifier: MIT
// The file a log is written to: appended to, opened anew after a rotation, allowed to fail.
#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include "base/result.h"

namespace wse::log {

// One thread at a time.
class LogFile {
public:
    LogFile() = default;
    ~LogFile() { close(); }
    LogFile(const LogFile &) = delete;
    LogFile &operator=(const LogFile &) = delete;

    // An empty path is standard error.
    Result<void> open(const std::string &path);
    // The same path again; when that fails the old file stays open.
    Result<void> reopen();
    void close();
    int descriptor() const { return fd_; }  // -1: closed

    // Writes `lines` and says how many bytes the file has taken: all, or fewer when it failed.
    // Waits for a reader (of a pipe or a terminal) as long as it takes; once `hurry` is true, for
    // kStopPatienceMs.
    size_t write(std::string_view lines, const std::atomic<bool> &hurry);

private:
    bool wait_writable(const std::atomic<bool> &hurry);
    bool write_some(std::string_view &rest, const std::atomic<bool> &hurry);

    std::string path_;
    int fd_ = -1;
    uint64_t waited_ms_ = 0;  // in a hurry
    bool torn_ = false;       // the last line was cut off by an error
};

}  // namespace wse::log
