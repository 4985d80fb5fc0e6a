// SPDX-License-Identifier: MIT
// The state of a history file: one page that says whether everything which was delivered is in the
// segments. Killed at any instant, a process leaves the old answer or the new one. [hub]
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "hub/mapped_file.h"

namespace wse::hub {

class HistoryState {
public:
    enum class Mark : uint8_t {
        kOpen,        // complete, as long as the kernel lives
        kClean,       // complete, and on the disk
        kMemoryOnly,  // messages were delivered that are not in the segments
    };

    // Makes the page when it is missing. A damaged one is not an error, but complete in no boot.
    static Result<HistoryState> open(const std::string &directory);

    // What the process before left, until begin().
    bool is_complete(std::string_view boot_id) const;
    // Segments before this one may end too early.
    uint64_t trusted_from() const;
    // The number of the newest segment there was; 0: none.
    uint64_t last_segment() const;

    // This process takes over: kOpen, on the disk when it returns. The newest segment is the one
    // that it has found.
    Result<void> begin(std::string_view boot_id, uint64_t trusted_from, uint64_t last_segment);
    // One store into memory, which needs no room and cannot fail.
    void set(Mark mark);
    void set_last_segment(uint64_t number);
    bool is_memory_only() const;
    bool sync() const { return page_.sync(); }

private:
    struct Slot;

    explicit HistoryState(MappedFile page) : page_(std::move(page)) {}
    Slot &slot(size_t index) const;
    void find_current();
    void write(size_t index, std::string_view boot_id, uint64_t trusted_from,
               uint64_t last_segment);

    MappedFile page_;
    size_t current_ = 0;  // index of the slot that counts
    bool is_sound_ = false;
};

}  // namespace wse::hub
