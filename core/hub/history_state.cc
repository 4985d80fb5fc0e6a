// SPDX-License-Identifier: MIT
#include "hub/history_state.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstring>
#include <utility>

#include "base/checksum.h"

namespace wse::hub {
namespace {

constexpr size_t kPageBytes = 4096;
constexpr size_t kSlots = 2;  // in sectors of their own, written in turn
constexpr size_t kBootIdBytes = 64;
constexpr uint64_t kMagic = 0x31'74'73'45'53'57'fe'ff;

// Far from each other and from zero, so that damage makes none of them of another.
constexpr uint64_t kMarks[] = {0x5a17'93c6'0f8b'e2d4U, 0xc3e8'4a71'b69d'105fU,
                               0x9e52'f00d'617a'cb38U};

constexpr uint64_t mark_word(HistoryState::Mark mark) {
    return kMarks[static_cast<size_t>(mark)];
}

void store(uint64_t &word, uint64_t value) {
    std::atomic_ref(word).store(value, std::memory_order_seq_cst);
}

}  // namespace

struct HistoryState::Slot {
    uint64_t commit;  // stored last, cleared first; zero: nothing is here
    uint64_t magic;
    uint64_t turn;  // of two sound slots the one with the higher counts
    uint64_t trusted_from;
    char boot_id[kBootIdBytes];
    // These change while the rest stays, so they are not part of the checksum.
    uint64_t mark;
    uint64_t last_segment;

    uint64_t right_commit() const {
        const uint32_t check = checksum(&magic, offsetof(Slot, mark) - offsetof(Slot, magic));
        return uint64_t{check} << 32 | 1;
    }
    bool is_sound() const {
        return commit == right_commit() && magic == kMagic &&
               std::find(std::begin(kMarks), std::end(kMarks), mark) != std::end(kMarks);
    }
};

Result<HistoryState> HistoryState::open(const std::string &directory) {
    auto page = MappedFile::make(directory + "/state", kPageBytes);
    if (!page) return page.error();
    HistoryState state(std::move(*page));
    state.find_current();
    return state;
}

HistoryState::Slot &HistoryState::slot(size_t index) const {
    return *reinterpret_cast<Slot *>(page_.data() + index * (kPageBytes / kSlots));
}

void HistoryState::find_current() {
    bool is_damaged = false;
    bool is_there = false;
    for (size_t i = 0; i < kSlots; ++i) {
        if (slot(i).commit == 0) continue;
        if (!slot(i).is_sound()) {
            is_damaged = true;
        } else if (!is_there || slot(i).turn > slot(current_).turn) {
            is_there = true;
            current_ = i;
        }
    }
    // A damaged slot may have been the one that counts.
    is_sound_ = is_there && !is_damaged;
}

bool HistoryState::is_complete(std::string_view boot_id) const {
    const Slot &last = slot(current_);
    if (!is_sound_ || is_memory_only()) return false;
    if (last.mark == mark_word(Mark::kClean)) return true;
    const std::string_view last_boot(last.boot_id, strnlen(last.boot_id, kBootIdBytes));
    return !boot_id.empty() && last_boot == boot_id.substr(0, kBootIdBytes);
}

uint64_t HistoryState::trusted_from() const {
    return is_sound_ ? slot(current_).trusted_from : 0;
}

uint64_t HistoryState::last_segment() const {
    return is_sound_ ? slot(current_).last_segment : 0;
}

Result<void> HistoryState::begin(std::string_view boot_id, uint64_t trusted_from,
                                 uint64_t last_segment) {
    if (!is_sound_) {
        // Until the new slot is there, what is left of the old ones must convince nobody.
        for (size_t i = 0; i < kSlots; ++i) store(slot(i).mark, mark_word(Mark::kMemoryOnly));
    }
    const size_t next = is_sound_ ? 1 - current_ : 0;
    write(next, boot_id, trusted_from, last_segment);
    store(slot(1 - next).commit, 0);
    current_ = next;
    is_sound_ = true;
    if (!sync()) return Error{WSE_EIO, "the state of the history cannot be written to the disk"};
    return {};
}

void HistoryState::write(size_t index, std::string_view boot_id, uint64_t trusted_from,
                         uint64_t last_segment) {
    Slot &out = slot(index);
    store(out.commit, 0);
    out.magic = kMagic;
    out.turn = slot(1 - index).turn + 1;
    out.trusted_from = trusted_from;
    std::memset(out.boot_id, 0, sizeof out.boot_id);
    boot_id.copy(out.boot_id, sizeof out.boot_id);
    out.mark = mark_word(Mark::kOpen);
    out.last_segment = last_segment;
    store(out.commit, out.right_commit());
}

void HistoryState::set_last_segment(uint64_t number) {
    store(slot(current_).last_segment, number);
}

void HistoryState::set(Mark mark) {
    store(slot(current_).mark, mark_word(mark));
}

bool HistoryState::is_memory_only() const {
    return slot(current_).mark == mark_word(Mark::kMemoryOnly);
}

}  // namespace wse::hub
