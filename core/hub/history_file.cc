// SPDX-License-Identifier: MIT
#include "hub/history_file.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace wse::hub {
namespace {

constexpr uint64_t kSegments = 16;
constexpr uint64_t kMinSegments = 4;  // one is written, one is given up, one takes its copies
constexpr uint64_t kMinSegmentBytes = 2U << 20;
constexpr uint64_t kMaxSegmentBytes = 64U << 20;

uint64_t segment_bytes(uint64_t file_bytes) {
    return std::clamp(file_bytes / kSegments, kMinSegmentBytes, kMaxSegmentBytes) / kRecordAlign *
           kRecordAlign;
}

// One that no client can have seen.
uint32_t new_log_epoch(uint64_t seed, const std::deque<Segment> &segments) {
    const auto is_taken = [&segments](uint32_t epoch) {
        return std::any_of(segments.begin(), segments.end(), [epoch](const Segment &segment) {
            return segment.head() && segment.head()->log_epoch == epoch;
        });
    };
    auto epoch = static_cast<uint32_t>(seed ^ seed >> 32);
    while (epoch == 0 || is_taken(epoch)) ++epoch;
    return epoch;
}

}  // namespace

Result<HistoryFile::Opened> HistoryFile::open(const HistoryOptions &options) {
    auto directory = HistoryDirectory::open(options.path);
    if (!directory) return directory.error();
    const auto numbers = directory->segments();
    if (!numbers) return numbers.error();
    auto state = HistoryState::open(options.path);
    if (!state) return state.error();

    const Trust trust{state->is_complete(options.boot_id), state->trusted_from(),
                      state->last_segment()};
    const uint64_t last_number = numbers->empty() ? 0 : numbers->back();
    // What cannot be trusted now cannot be trusted at the next start either.
    const uint64_t trusted_from =
        trust.is_complete ? std::min(trust.from_segment, last_number + 1) : last_number + 1;
    if (auto begun = state->begin(options.boot_id, trusted_from, last_number); !begun)
        return begun.error();
    if (!directory->sync())
        return Error{WSE_EIO, options.path + ": the directory cannot be written to the disk"};

    Opened opened;
    opened.file.reset(new HistoryFile(options, std::move(*directory), std::move(*state)));
    opened.stored = opened.file->load(trust, *numbers, options.keeps);
    if (opened.stored.log_epoch == 0)
        opened.stored.log_epoch = new_log_epoch(options.seed, opened.file->segments_);
    opened.file->log_epoch_ = opened.stored.log_epoch;
    return opened;
}

void HistoryFile::distrust(const std::string &path) {
    auto state = HistoryState::open(path);
    if (!state) return;
    state->set(HistoryState::Mark::kMemoryOnly);
    state->sync();
}

HistoryFile::HistoryFile(const HistoryOptions &options, HistoryDirectory directory,
                         HistoryState state)
    : path_(options.path),
      file_bytes_(std::max(options.file_size, kMinSegments * kMinSegmentBytes)),
      segment_bytes_(segment_bytes(file_bytes_)),
      directory_(std::move(directory)),
      state_(std::move(state)) {}

StoredHistory HistoryFile::load(const Trust &trust, const std::vector<uint64_t> &numbers,
                                const KeptOf &keeps) {
    for (const uint64_t number : numbers) segments_.push_back(Segment::open(path_, number));
    if (!numbers.empty()) last_number_ = numbers.back();
    StoredHistory stored = load_history(segments_, trust, keeps);
    sequence_ = stored.sequence;
    return stored;
}

HistoryFile::~HistoryFile() {
    if (!is_writing_ || state_.is_memory_only()) return;
    const bool is_on_disk = std::all_of(segments_.begin(), segments_.end(),
                                        [](const Segment &segment) { return segment.sync(); }) &&
                            directory_.sync();
    if (!is_on_disk) {
        log::warn("hub", "history.not_synced", {{"path", path_}});
        return;
    }
    state_.set(HistoryState::Mark::kClean);
    state_.sync();
}

uint64_t HistoryFile::append(const proto::Message &message, proto::Position head) {
    const auto &publication = message.publication;
    Entry entry;
    entry.position = message.position;
    entry.head = head.offset;
    entry.sequence = entry.head_sequence = message.sequence;
    entry.wall_ms = message.wall_ms;
    entry.priority = publication.priority;
    entry.id_given = publication.id_given;
    entry.topic = publication.topic;
    entry.type = publication.type;
    entry.id = publication.id;
    entry.payload = publication.payload;
    entry.extra = publication.extra;
    entry.time_ms = publication.time_ms;
    // What no segment takes leaves a hole in the history, and not all of it without a file.
    if (record_size(entry) > Segment::capacity(segment_bytes_))
        return note(publication.topic, head, message.sequence);
    const uint64_t own = message.position == head && head.offset > 0 ? 1 : 0;
    return store(entry, {head.epoch, head.offset - own});
}

uint64_t HistoryFile::note(std::string_view topic, proto::Position head, uint64_t sequence) {
    Entry entry;
    entry.kind = EntryKind::kNote;
    entry.position = head;
    entry.head = head.offset;
    entry.sequence = entry.head_sequence = sequence;
    entry.topic = topic;
    return store(entry, head);
}

uint64_t HistoryFile::store(const Entry &entry, proto::Position head_before) {
    if (!is_writing_) return 0;
    Subject subject{entry.topic, head_before, false};
    auto written = make_room(record_size(entry), subject);
    if (written) written = place(entry);
    if (!written) {
        stop_writing(written.error());
        return 0;
    }
    const uint64_t mark = segments_.back().number();
    subject = {entry.topic, {entry.position.epoch, entry.head}, true};
    reclaim_some(record_size(entry), subject);
    return mark;
}

Result<void> HistoryFile::place(const Entry &entry) {
    if (!fits(record_size(entry))) {
        if (auto added = add_segment(); !added) return added;
    }
    segments_.back().append(entry);
    sequence_ = std::max(sequence_, entry.sequence);
    return {};
}

Result<void> HistoryFile::add_segment() {
    const uint64_t end_before = segments_.empty() ? 0 : segments_.back().end();
    auto segment = Segment::create(path_, {last_number_ + 1, log_epoch_, sequence_, end_before},
                                   segment_bytes_);
    if (!segment) return segment.error();
    segments_.push_back(std::move(*segment));
    state_.set_last_segment(++last_number_);
    has_current_ = true;
    return {};
}

uint64_t HistoryFile::disk_bytes() const {
    uint64_t bytes = 0;
    for (const Segment &segment : segments_) bytes += segment.bytes();
    return bytes;
}

void HistoryFile::stop_writing(const Error &cause) {
    is_writing_ = false;
    state_.set(HistoryState::Mark::kMemoryOnly);
    log::error("hub", "history.memory_only", {{"path", path_}, {"cause", cause.text}});
}

bool HistoryFile::try_again() {
    if (is_writing_) return true;
    Subject nobody;
    // Room for more than the next record, or this would go back and forth.
    if (!make_room(segment_bytes_ / 2, nobody)) return false;
    is_writing_ = true;
    return true;
}

void HistoryFile::caught_up() {
    if (!is_writing_ || !state_.is_memory_only()) return;
    state_.set(HistoryState::Mark::kOpen);
    log::info("hub", "history.writing", {{"path", path_}});
}

}  // namespace wse::hub
