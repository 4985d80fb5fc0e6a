// SPDX-License-Identifier: MIT
// HistoryFile: the journal on disk. Segments of a fixed size in one directory, mapped into memory:
// what was appended survives the process, killed at any instant, and after a clean stop also the
// machine. The oldest segment is given up when room is needed; what the hub still holds of it is
// written again first, a little with every append, so that none takes long. [hub]
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "hub/history_directory.h"
#include "hub/history_load.h"
#include "hub/history_state.h"
#include "hub/journal.h"
#include "hub/segment.h"

namespace wse::hub {

struct HistoryOptions {
    std::string path;        // of the directory
    uint64_t file_size = 0;  // bytes of all segments together, at least four of the smallest
    std::string boot_id;     // of the kernel that keeps what was not yet written to the disk
    uint64_t seed = 0;       // of log epochs: another one for each start
    // How many of a topic's last messages a start takes up at the most; null: all.
    KeptOf keeps = nullptr;
};

class HistoryFile final : public Journal {
public:
    struct Opened {
        std::unique_ptr<HistoryFile> file;
        StoredHistory stored;
    };
    // Damage is no error, only what keeps the directory from being used is. WSE_EAGAIN: another
    // process has it. May be called before the hub's thread runs.
    static Result<Opened> open(const HistoryOptions &options);
    // As far as it can: what is in the directory is not all that clients will have been sent,
    // because messages go out that are not written there.
    static void distrust(const std::string &path);
    // Waits for the disk, then leaves the mark of a clean stop, unless messages are missing.
    ~HistoryFile() override;
    HistoryFile(const HistoryFile &) = delete;
    HistoryFile &operator=(const HistoryFile &) = delete;

    void set_holder(Holder *holder) override { holder_ = holder; }
    uint64_t append(const proto::Message &message, proto::Position head) override;
    uint64_t note(std::string_view topic, proto::Position head, uint64_t sequence) override;
    bool writing() const override { return is_writing_; }
    bool try_again() override;
    void caught_up() override;

private:
    // The topic that an append or a note is about. The holder may know it with the head of before
    // or of after, and its mark is not ours to change.
    struct Subject {
        std::string_view topic;
        proto::Position head;   // that is in the log
        bool is_noted = false;  // by a record that stays
    };

    HistoryFile(const HistoryOptions &options, HistoryDirectory directory, HistoryState state);
    StoredHistory load(const Trust &trust, const std::vector<uint64_t> &numbers,
                       const KeptOf &keeps);

    uint64_t store(const Entry &entry, proto::Position head_before);
    Result<void> place(const Entry &entry);
    Result<void> add_segment();
    bool fits(size_t size) const { return has_current_ && segments_.back().room() >= size; }
    uint64_t disk_bytes() const;
    void stop_writing(const Error &cause);

    // history_reclaim.cc
    Result<void> make_room(size_t size, Subject &subject);
    void reclaim_some(size_t appended, Subject &subject);
    bool is_tight() const;
    bool can_reclaim() const { return segments_.size() > (has_current_ ? 1U : 0U); }
    Result<void> give_up_oldest(Subject &subject);
    Result<void> reclaim_step(Subject &subject);
    Result<void> keep(Entry entry, Subject &subject);

    const std::string path_;
    const uint64_t file_bytes_;
    const size_t segment_bytes_;
    HistoryDirectory directory_;
    HistoryState state_;
    Holder *holder_ = nullptr;
    std::deque<Segment> segments_;  // oldest first
    bool has_current_ = false;      // the last one is written
    uint64_t last_number_ = 0;
    uint32_t log_epoch_ = 0;
    uint64_t sequence_ = 0;  // the highest that was given
    bool is_writing_ = true;
    std::optional<RecordScan> cursor_;  // in the oldest segment: what is before it is kept
    int64_t reclaim_debt_ = 0;          // bytes that the cursor has yet to pass
    uint64_t kept_bytes_ = 0;           // written again, ever
};

}  // namespace wse::hub
