// SPDX-License-Identifier: MIT
#include "file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace wse::snapshot_file {
namespace {

class Descriptor {
public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0) close(fd_);
    }
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;
    int get() const { return fd_; }

private:
    int fd_;
};

Stamp stamp_of(const struct stat &status) {
    const auto nanoseconds = [](const timespec &time) {
        return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
    };
    return {status.st_dev, status.st_ino, status.st_size, nanoseconds(status.st_mtim),
            nanoseconds(status.st_ctim)};
}

std::shared_ptr<File> failure(int32_t status, std::string problem) {
    auto file = std::make_shared<File>();
    file->status = status;
    file->problem = std::move(problem);
    return file;
}

std::shared_ptr<File> system_failure(int error) {
    if (error == ENOENT) return failure(WSE_ENOTFOUND, "");
    if (error == ELOOP) return failure(WSE_EIO, "is a symbolic link, which is not followed");
    return failure(WSE_EIO, strerrordesc_np(error));
}

// False with errno. At most `size` bytes, which is all there was a moment ago.
bool read_all(int fd, size_t size, std::string &ret) {
    ret.resize(size);
    size_t length = 0;
    while (length < size) {
        const ssize_t n = read(fd, ret.data() + length, size - length);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return false;
        if (n == 0) break;
        length += static_cast<size_t>(n);
    }
    ret.resize(length);
    return true;
}

std::shared_ptr<File> read_content(int fd, const struct stat &status, uint64_t limit) {
    if (!S_ISREG(status.st_mode)) return failure(WSE_EIO, "is no regular file");
    const auto size = static_cast<uint64_t>(status.st_size);
    if (size > limit)
        return failure(WSE_ETOOBIG, "has " + std::to_string(size) + " bytes, the limit is " +
                                        std::to_string(limit));
    std::string text;
    if (!read_all(fd, size, text)) return system_failure(errno);
    auto state = snapshot::read_state(text);
    if (!state)
        return failure(WSE_EIO,
                       "is not JSON, or its epoch or offset is none; write it beside and "
                       "rename it");
    auto file = std::make_shared<File>();
    file->state = std::move(*state);
    return file;
}

}  // namespace

std::string directory_problem(const std::string &directory) {
    if (directory.empty() || directory.front() != '/')
        return "directory: '" + directory + "' is no absolute path";
    const Descriptor folder(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.get() >= 0) return "";
    return "directory: cannot read '" + directory + "': " + strerrordesc_np(errno);
}

FileRef read_file(const std::string &directory, const std::string &name, uint64_t limit,
                  const FileRef &known, Stamp &ret_directory) {
    // Opened anew each time, so that another directory may be put in its place.
    const Descriptor folder(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    struct stat status {};
    if (folder.get() < 0 || fstat(folder.get(), &status) != 0)
        return failure(WSE_EIO, std::string("the directory: ") + strerrordesc_np(errno));
    ret_directory = {status.st_dev, status.st_ino, 0, 0, 0};
    // Without waiting, in case somebody put a pipe there.
    const Descriptor file(
        openat(folder.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (file.get() < 0 || fstat(file.get(), &status) != 0) return system_failure(errno);
    const Stamp stamp = stamp_of(status);
    if (known && known->stamp == stamp) return known;
    std::shared_ptr<File> read = read_content(file.get(), status, limit);
    read->stamp = stamp;
    return read;
}

}  // namespace wse::snapshot_file
