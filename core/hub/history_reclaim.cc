// SPDX-License-Identifier: MIT
// How HistoryFile gives up its oldest segment.
#include <algorithm>

#include "base/assert.h"
#include "hub/history_file.h"

namespace wse::hub {
namespace {

// The cursor runs ahead of the appends by this factor, so a segment is given up before a quarter of
// one was written.
constexpr int64_t kPace = 4;
// Segments of free room below which the cursor runs.
constexpr uint64_t kTightSegments = 3;
// Segments given up in one go that were in use almost to the last byte: there will be no room.
constexpr int kMaxDense = 3;

}  // namespace

// One segment's worth of the budget stays free for what is written again: otherwise there would be
// no way to give up anything.
Result<void> HistoryFile::make_room(size_t size, Subject &subject) {
    int dense = 0;
    for (size_t left = segments_.size(); !fits(size); --left) {
        if (disk_bytes() + 2 * segment_bytes_ <= file_bytes_) return add_segment();
        if (left == 0 || !can_reclaim() || dense == kMaxDense) {
            return Error{WSE_EAGAIN,
                         "the messages that are still held fill the file; raise "
                         "history.file_size or lower the limits of the history"};
        }
        const uint64_t all = segments_.front().bytes();
        const uint64_t kept_before = kept_bytes_;
        if (auto gone = give_up_oldest(subject); !gone) return gone;
        if (kept_bytes_ - kept_before > all / 8 * 7) ++dense;
    }
    return {};
}

void HistoryFile::reclaim_some(size_t appended, Subject &subject) {
    if (!is_tight()) {
        reclaim_debt_ = 0;
        return;
    }
    reclaim_debt_ += kPace * static_cast<int64_t>(appended);
    while (reclaim_debt_ > 0 && can_reclaim() && is_tight()) {
        // What fails here is tried again with the next append, and reported when it has no room.
        if (!reclaim_step(subject)) break;
    }
}

bool HistoryFile::is_tight() const {
    const uint64_t kept_free = disk_bytes() + segment_bytes_;
    uint64_t room = has_current_ ? segments_.back().room() : 0;
    if (file_bytes_ > kept_free) room += file_bytes_ - kept_free;
    const uint64_t enough =
        std::clamp<uint64_t>((file_bytes_ / segment_bytes_ - 2) / 2, 1, kTightSegments);
    return room < enough * segment_bytes_;
}

Result<void> HistoryFile::give_up_oldest(Subject &subject) {
    const uint64_t oldest = segments_.front().number();
    while (!segments_.empty() && segments_.front().number() == oldest) {
        if (auto done = reclaim_step(subject); !done) return done;
    }
    return {};
}

Result<void> HistoryFile::reclaim_step(Subject &subject) {
    if (!cursor_) cursor_ = segments_.front().scan();
    RecordScan next = *cursor_;
    const Finding finding = next.next();
    if (finding == Finding::kEnd) {
        cursor_.reset();
        segments_.front().remove();
        segments_.pop_front();
        return {};
    }
    if (finding == Finding::kEntry) {
        if (auto kept = keep(next.entry(), subject); !kept) return kept;
    }
    reclaim_debt_ -= static_cast<int64_t>(next.offset() - cursor_->offset());
    cursor_ = next;
    return {};
}

// Writes again what is needed of the entry: all of it, or only where its topic stands when nothing
// else says so.
Result<void> HistoryFile::keep(Entry entry, Subject &subject) {
    WSE_ASSERT(holder_ != nullptr, "segments are given up, and nobody says what is needed");
    auto *const state = holder_->find(entry.topic);
    if (state == nullptr) return {};
    const bool is_subject = entry.topic == subject.topic;
    const proto::Position head = is_subject ? subject.head : state->head;
    const bool is_held = entry.kind == EntryKind::kMessage && entry.position.epoch == head.epoch &&
                         entry.position.offset <= head.offset &&
                         holder_->holds(entry.topic, entry.position);
    const bool is_last = state->mark != 0 && state->mark <= segments_.front().number() &&
                         !(is_subject && subject.is_noted);
    if (!is_held && !is_last) return {};
    if (!is_held) {
        entry = {.kind = EntryKind::kNote, .position = head, .topic = entry.topic};
        entry.sequence = state->sequence;
    }
    entry.head = head.offset;
    entry.head_sequence = std::max(entry.sequence, state->sequence);
    if (auto written = place(entry); !written) return written;
    kept_bytes_ += record_size(entry);
    if (is_subject) {
        subject.is_noted = true;
    } else if (state->mark != 0) {
        state->mark = segments_.back().number();
    }
    return {};
}

}  // namespace wse::hub
