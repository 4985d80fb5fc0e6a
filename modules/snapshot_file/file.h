// SPDX-License-Identifier: MIT
// Reads one snapshot from its file.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "snapshot/state.h"

namespace wse::snapshot_file {

// What changes when a file is edited or replaced. The time alone does not: two writes may fall into
// one tick of the file system's clock.
struct Stamp {
    uint64_t device = 0;
    uint64_t inode = 0;
    int64_t size = 0;
    int64_t modified_ns = 0;
    int64_t changed_ns = 0;

    bool operator==(const Stamp &) const = default;
};

// Immutable once read, so it may be shared with a worker thread.
struct File {
    Stamp stamp;
    int32_t status = WSE_OK;  // WSE_ENOTFOUND, WSE_ETOOBIG, WSE_EIO
    snapshot::State state;
    std::string problem;  // one sentence, with none of the content; empty for WSE_ENOTFOUND
};
using FileRef = std::shared_ptr<const File>;

// A sentence when `directory` is no absolute path of a directory that can be read, or empty.
// Blocks.
std::string directory_problem(const std::string &directory);

// Blocks. [any] Gives `known` back when the file is still the one that was read then; it may be
// null. Only a regular file in the directory itself is read: a symbolic link is not followed,
// wherever it leads. `ret_directory` is what the directory's path leads to.
FileRef read_file(const std::string &directory, const std::string &name, uint64_t limit,
                  const FileRef &known, Stamp &ret_directory);

}  // namespace wse::snapshot_file
