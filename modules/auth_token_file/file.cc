// SPDX-License-Identifier: MIT
#include "file.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace wse::auth_token_file {
namespace {

constexpr size_t kMaxFile = 1 << 20;  // some ten thousand tokens; for more people there is auth_jwt

class Descriptor {
public:
    // Without waiting, in case somebody put a pipe there.
    explicit Descriptor(const std::string &path)
        : fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
    ~Descriptor() {
        if (fd_ >= 0) close(fd_);
    }
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;
    int get() const { return fd_; }

private:
    int fd_;
};

// Cleansed when it goes: plain tokens may stand in it.
struct Text {
    std::string text;
    ~Text() { OPENSSL_cleanse(text.data(), text.size()); }
};

Stamp stamp_of(const struct stat &status) {
    const auto nanoseconds = [](const timespec &time) {
        return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
    };
    return {status.st_dev, status.st_ino, status.st_size, nanoseconds(status.st_mtim),
            nanoseconds(status.st_ctim)};
}

// Empty, or what went wrong.
std::string read_all(int fd, std::string &text) {
    text.resize(kMaxFile + 1);
    size_t length = 0;
    while (length < text.size()) {
        const ssize_t n = read(fd, text.data() + length, text.size() - length);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return std::strerror(errno);
        if (n == 0) break;
        length += static_cast<size_t>(n);
    }
    text.resize(length);
    return length > kMaxFile ? "over 1 MiB, the limit for a token file" : "";
}

}  // namespace

Stamp stamp_of(const std::string &path) {
    struct stat status {};
    return stat(path.c_str(), &status) == 0 ? stamp_of(status) : Stamp();
}

LoadedFile load_file(const std::string &path) {
    LoadedFile loaded;
    const Descriptor file(path);
    struct stat status {};
    if (file.get() < 0 || fstat(file.get(), &status) != 0) {
        loaded.problem = path + ": " + std::strerror(errno);
        loaded.stamp = stamp_of(path);
        return loaded;
    }
    loaded.stamp = stamp_of(status);
    loaded.readable_by_all = (status.st_mode & S_IROTH) != 0;
    if (!S_ISREG(status.st_mode)) {
        loaded.problem = path + ": not a regular file";
        return loaded;
    }
    Text content;
    std::string problem = read_all(file.get(), content.text);
    if (!problem.empty()) {
        loaded.problem = path + ": " + problem;
        return loaded;
    }
    loaded.table = Table::parse(content.text, problem);
    if (!loaded.table) loaded.problem = path + ":" + problem;
    return loaded;
}

}  // namespace wse::auth_token_file
