// SPDX-License-Identifier: MIT
// A regular file in memory, as the history file uses it: shared with the disk, which the kernel
// writes also after the process was killed.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "base/result.h"

namespace wse::hub {

// "/x/y: cannot open it: Permission denied", for a code of errno.
Error file_failure(const std::string &path, const char *what, int code);

class Descriptor {
public:
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(Descriptor &&other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor &operator=(Descriptor &&) = delete;
    ~Descriptor();

    int get() const { return fd_; }

private:
    int fd_;  // negative: none
};

struct Unmap {
    void operator()(std::byte *data) const;
    size_t bytes = 0;
};

class MappedFile {
public:
    MappedFile() = default;  // of no bytes

    // To be written; made with `bytes` zeros when missing or shorter, with mode 0640. The blocks
    // are there from then on: a full disk is an error here, and never a signal later.
    static Result<MappedFile> make(const std::string &path, size_t bytes);
    // To be read, as long as it is. A link, a pipe or an empty file is an error.
    static Result<MappedFile> read(const std::string &path);

    std::byte *data() const { return data_.get(); }
    size_t size() const { return data_.get_deleter().bytes; }
    // False: the disk did not take it.
    bool sync() const;

private:
    static Result<MappedFile> map(int fd, const std::string &path, size_t bytes, int protection);

    std::unique_ptr<std::byte, Unmap> data_;
};

}  // namespace wse::hub
