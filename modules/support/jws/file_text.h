// SPDX-License-Identifier: MIT
// A small file with keys in it, read as a whole.
#pragma once

#include <cstddef>
#include <string>

namespace wse::jws {

// Cleansed when it goes: it may hold a private key.
struct FileText {
    std::string text;
    std::string problem;  // a sentence that names the file; empty: it was read

    FileText() = default;
    FileText(const FileText &) = delete;
    FileText &operator=(const FileText &) = delete;
    ~FileText();
};

// Blocks. A file over `max` bytes, a multiple of 1024, is a problem. `ret` is a fresh one. [any]
void read_file(const std::string &path, size_t max, FileText &ret);

}  // namespace wse::jws
