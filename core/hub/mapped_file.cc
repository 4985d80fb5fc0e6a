// SPDX-License-Identifier: MIT
#include "hub/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace wse::hub {
namespace {

// O_NONBLOCK: a pipe under that name must not keep the server from starting.
constexpr int kOpenFlags = O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;

Result<size_t> regular_size(int fd, const std::string &path) {
    struct stat found {};
    if (fstat(fd, &found) != 0) return file_failure(path, "cannot look at it", errno);
    if (!S_ISREG(found.st_mode)) return Error{WSE_EINVAL, path + ": not a regular file"};
    return static_cast<size_t>(found.st_size);
}

}  // namespace

Error file_failure(const std::string &path, const char *what, int code) {
    return Error{WSE_EIO, path + ": " + what + ": " + strerrordesc_np(code)};
}

Descriptor::~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
}

Result<MappedFile> MappedFile::make(const std::string &path, size_t bytes) {
    const Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | kOpenFlags, 0640));
    if (file.get() < 0) return file_failure(path, "cannot make it", errno);
    const auto size = regular_size(file.get(), path);
    if (!size) return size.error();
    if (*size < bytes) {
        int code = 0;
        do code = posix_fallocate(file.get(), 0, static_cast<off_t>(bytes));
        while (code == EINTR);
        if (code != 0) return file_failure(path, "cannot make room for it", code);
    }
    return map(file.get(), path, bytes, PROT_READ | PROT_WRITE);
}

Result<MappedFile> MappedFile::read(const std::string &path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | kOpenFlags));
    if (file.get() < 0) return file_failure(path, "cannot open it", errno);
    const auto size = regular_size(file.get(), path);
    if (!size) return size.error();
    if (*size == 0) return Error{WSE_EINVAL, path + ": empty"};
    return map(file.get(), path, *size, PROT_READ);
}

Result<MappedFile> MappedFile::map(int fd, const std::string &path, size_t bytes, int protection) {
    void *const data = mmap(nullptr, bytes, protection, MAP_SHARED, fd, 0);
    if (data == MAP_FAILED) return file_failure(path, "cannot map it", errno);
    MappedFile file;
    file.data_ = {static_cast<std::byte *>(data), Unmap{bytes}};
    return file;
}

bool MappedFile::sync() const {
    return size() == 0 || msync(data(), size(), MS_SYNC) == 0;
}

void Unmap::operator()(std::byte *data) const {
    munmap(data, bytes);
}

}  // namespace wse::hub
