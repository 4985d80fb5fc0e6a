// SPDX-License-Identifier: MIT
// RevocationFile: the revocations in the state directory, so that a restart does not forget them.
// One JSON object a line: what is new is appended, and what has grown old is left out when the file
// is written anew, into another file that takes its place. [main], then [service loop]
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "session/revocations.h"

namespace wse::server {

class RevocationFile {
public:
    // `directory` is made with the first revocation.
    explicit RevocationFile(std::string directory)
        : directory_(std::move(directory)), path_(directory_ + "/revocations") {}

    // What is still to be remembered; a file that is not there has none. A line that is not
    // understood is passed over, and the log says so. An error: it cannot be read, and nobody knows
    // who should be kept out.
    Result<void> load(session::Revocations &revocations, uint64_t wall_ms);
    // On the disk, when it returns. `all` has it already.
    Result<void> append(const session::Revocation &revocation, const session::Revocations &all,
                        uint64_t wall_ms);

    const std::string &path() const { return path_; }

private:
    Result<void> write_anew(const session::Revocations &all, uint64_t wall_ms);

    const std::string directory_, path_;
    size_t lines_ = 0;  // in the file
};

}  // namespace wse::server
