// SPDX-License-Identifier: MIT
// A module file, opened and found usable. A refused module is one line: its path, what is wrong,
// what to do.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "module/code_map.h"
#include "module/descriptor.h"

namespace wse::module {

// [main]
class Library {
public:
    // Loads the file that stands at `path` now, also when another one of that path is loaded
    // already; "program:NAME" is a resident. Apart from ELF constructors no code of the module
    // runs.
    static Result<std::unique_ptr<Library>> open(const std::string &path);
    // Unloads, unless keep() was called.
    ~Library();
    Library(const Library &) = delete;
    Library &operator=(const Library &) = delete;

    const std::string &path() const { return path_; }
    const Descriptor &descriptor() const { return descriptor_; }
    // Where its code is.
    const CodeRange &code() const { return code_; }

    // From create on: threads, atexit functions and library state of the module may outlast its
    // instance, so its code stays until the process ends.
    void keep() { kept_ = true; }

private:
    static Result<std::unique_ptr<Library>> open_resident(const std::string &path);
    Library(std::string path, void *handle) : path_(std::move(path)), handle_(handle) {}

    std::string path_;
    void *handle_;  // null: a resident
    Descriptor descriptor_;
    CodeRange code_;
    bool kept_ = false;
};

}  // namespace wse::module
