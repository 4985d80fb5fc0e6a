// SPDX-License-Identifier: MIT
// A module's file before anything of it is looked at, and how a refused module is reported: one
// line, its path, what is wrong, what to do.
#pragma once

#include <string>

#include "base/result.h"

namespace wse::module {

// Open for reading, and of a sort that may be loaded: regular, and not writable by every user.
class File {
public:
    // The error is a whole refusal, with the path.
    static Result<File> open(const std::string &path);
    ~File();
    File(File &&other) noexcept : descriptor_(other.descriptor_), size_(other.size_) {
        other.descriptor_ = -1;
    }
    File &operator=(File &&) = delete;

    int descriptor() const { return descriptor_; }
    uint64_t size() const { return size_; }

private:
    explicit File(int descriptor) : descriptor_(descriptor) {}

    int descriptor_;
    uint64_t size_ = 0;
};

Error refusal(const std::string &path, const std::string &why);

// The sentence about a file that cannot be linked, without the path.
std::string linker_refusal(const std::string &reason);

}  // namespace wse::module
