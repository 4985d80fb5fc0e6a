// SPDX-License-Identifier: MIT
// What the fuzz targets share. A target is given any octets; a crash, a leak, a sanitizer's report,
// a broken WSE_ASSERT or too much time or memory is a finding. One thread.
#pragma once

#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/assert.h"

// What libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

namespace wse::fuzz {

inline std::string_view text_of(const uint8_t *data, size_t size) {
    return {reinterpret_cast<const char *>(data), size};
}

// An empty directory of this process alone, under TMPDIR, gone when it ends as it should.
class Directory {
public:
    Directory()
        : path_(std::filesystem::temp_directory_path() / ("wse-fuzz-" + std::to_string(getpid()))) {
        std::filesystem::create_directories(path_);
    }
    ~Directory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Directory(const Directory &) = delete;
    Directory &operator=(const Directory &) = delete;

    std::string path() const { return path_.string(); }

private:
    std::filesystem::path path_;
};

}  // namespace wse::fuzz
