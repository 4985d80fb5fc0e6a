// SPDX-License-Identifier: MIT
// The directory of the history file: held by one process at a time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "hub/mapped_file.h"

namespace wse::hub {

class HistoryDirectory {
public:
    // Makes the directory, not those above it. WSE_EAGAIN: another process holds it.
    static Result<HistoryDirectory> open(const std::string &path);

    const std::string &path() const { return path_; }
    // In ascending order.
    Result<std::vector<uint64_t>> segments() const;
    // Files that were made and removed stay so after a power failure. False: not certain.
    bool sync() const;

private:
    HistoryDirectory(std::string path, Descriptor lock)
        : path_(std::move(path)), lock_(std::move(lock)) {}

    std::string path_;
    Descriptor lock_;
};

}  // namespace wse::hub
