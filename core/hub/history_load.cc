// SPDX-License-Identifier: MIT
#include "hub/history_load.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/log.h"

namespace wse::hub {
namespace {

// A point of the log; later findings have higher ones.
using Place = uint64_t;

struct LoadedTopic {
    StoredTopic stored;
    uint64_t keeps = UINT64_MAX;  // messages
    // Of its last record:
    Place last = 0;
    uint64_t last_head = 0;
};

// The records with a bad body of the topics with one hash.
struct Doubt {
    Place last = 0;
    uint32_t epoch = 0;
    uint64_t head = 0;
};

class Load {
public:
    Load(const Trust &trust, const KeptOf &keeps) : trust_(trust), keeps_(keeps) {}

    void read(Segment &segment);
    StoredHistory finish();

private:
    void begin_segment(const Segment &segment);
    void take(const Entry &entry, uint64_t segment);
    void take_bad_body(const Entry &entry, const Segment &segment, size_t at);
    void take_bad_region(const Segment &segment, size_t at);
    void take_sequence(const Entry &entry);
    bool keeps_epoch(const LoadedTopic &topic) const;

    const Trust trust_;
    const KeptOf &keeps_;
    Place place_ = 0;
    Place last_damage_ = 0;
    Place last_bad_region_ = 0;
    Place log_epoch_since_ = 0;
    uint64_t last_number_ = 0;
    uint64_t last_end_ = 0;
    StoredHistory history_;
    std::unordered_map<std::string, LoadedTopic> topics_;
    std::unordered_map<uint64_t, Doubt> doubts_;  // by hash of the topic
};

void Load::begin_segment(const Segment &segment) {
    // Segments are numbered without gaps, and a later one knows when records of the one before are
    // missing at its end, which nothing else would show.
    const bool has_gap =
        last_number_ != 0 && (segment.number() != last_number_ + 1 ||
                              (segment.head() && segment.head()->end_before > last_end_));
    const bool is_first_trusted =
        last_number_ < trust_.from_segment && segment.number() >= trust_.from_segment;
    if (has_gap) take_bad_region(segment, 0);
    if (is_first_trusted) last_bad_region_ = last_damage_ = ++place_;
    last_number_ = segment.number();
    if (!segment.head()) return;
    history_.sequence = std::max(history_.sequence, segment.head()->sequence);
    if (segment.head()->log_epoch == history_.log_epoch) return;
    history_.log_epoch = segment.head()->log_epoch;
    log_epoch_since_ = place_;
}

void Load::read(Segment &segment) {
    begin_segment(segment);
    RecordScan scan = segment.scan();
    for (;;) {
        const size_t at = scan.offset();
        const Finding finding = scan.next();
        if (finding == Finding::kEnd) break;
        ++place_;
        if (finding == Finding::kEntry) take(scan.entry(), segment.number());
        if (finding == Finding::kBadBody) take_bad_body(scan.entry(), segment, at);
        if (finding == Finding::kBadRegion) take_bad_region(segment, at);
    }
    segment.end_at(scan.offset());
    last_end_ = segment.end();
    if (!segment.is_whole()) take_bad_region(segment, scan.offset());
}

// In order of offsets, each once: a message and its copies are the same.
void put_in_order(std::vector<proto::Record> &messages) {
    std::stable_sort(messages.begin(), messages.end(), [](const auto &a, const auto &b) {
        return a.position.offset < b.position.offset;
    });
    const auto end = std::unique(
        messages.begin(), messages.end(),
        [](const auto &a, const auto &b) { return a.position.offset == b.position.offset; });
    messages.erase(end, messages.end());
}

// The oldest beyond the limit go, now and then: a busy file has many more than a start needs.
void drop_excess(std::vector<proto::Record> &messages, uint64_t limit) {
    put_in_order(messages);
    if (messages.size() > limit)
        messages.erase(messages.begin(), messages.end() - static_cast<ptrdiff_t>(limit));
}

void Load::take(const Entry &entry, uint64_t segment) {
    take_sequence(entry);
    LoadedTopic &topic = topics_[std::string(entry.topic)];
    if (topic.last == 0 && keeps_) topic.keeps = keeps_(entry.topic);
    StoredTopic &stored = topic.stored;
    if (topic.last == 0 || stored.head.epoch != entry.position.epoch) {
        // A new incarnation: nobody asks for the one before any more.
        stored = {};
        stored.head.epoch = entry.position.epoch;
    }
    topic.last = place_;
    topic.last_head = std::max(entry.head, entry.position.offset);
    stored.mark = segment;
    stored.head.offset = std::max(stored.head.offset, topic.last_head);
    stored.sequence = std::max({stored.sequence, entry.sequence, entry.head_sequence});
    if (entry.kind != EntryKind::kMessage) return;
    proto::Publication publication{std::string(entry.topic), std::string(entry.type),
                                   std::string(entry.id),    std::string(entry.payload),
                                   entry.priority,           entry.id_given,
                                   std::string(entry.extra), entry.time_ms};
    stored.messages.push_back(
        {std::move(publication), entry.position, entry.sequence, entry.wall_ms});
    if (stored.messages.size() / 2 > topic.keeps) drop_excess(stored.messages, topic.keeps);
}

void Load::take_bad_body(const Entry &entry, const Segment &segment, size_t at) {
    take_sequence(entry);
    last_damage_ = place_;
    Doubt &doubt = doubts_[entry.topic_hash];
    const uint64_t head = std::max(entry.head, entry.position.offset);
    doubt.head = doubt.epoch == entry.position.epoch ? std::max(doubt.head, head) : head;
    doubt.epoch = entry.position.epoch;
    doubt.last = place_;
    log::warn("hub", "history.damaged", {{"path", segment.path()}, {"at", at}, {"lost", "record"}});
}

void Load::take_bad_region(const Segment &segment, size_t at) {
    last_bad_region_ = last_damage_ = ++place_;
    log::warn("hub", "history.damaged",
              {{"path", segment.path()}, {"at", at}, {"lost", "records"}});
}

void Load::take_sequence(const Entry &entry) {
    history_.sequence = std::max({history_.sequence, entry.sequence, entry.head_sequence});
}

bool Load::keeps_epoch(const LoadedTopic &topic) const {
    if (!trust_.is_complete || topic.last <= last_bad_region_) return false;
    const auto found = doubts_.find(topic_hash(topic.stored.name));
    if (found == doubts_.end()) return true;
    const Doubt &doubt = found->second;
    if (topic.last < doubt.last) return false;
    return topic.stored.head.epoch != doubt.epoch || topic.last_head >= doubt.head;
}

StoredHistory Load::finish() {
    const bool has_end = last_number_ >= trust_.last_segment;
    if (!has_end || (last_number_ != 0 && last_number_ < trust_.from_segment))
        last_bad_region_ = last_damage_ = ++place_;
    std::vector<LoadedTopic> sorted;
    sorted.reserve(topics_.size());
    while (!topics_.empty()) {
        auto node = topics_.extract(topics_.begin());
        node.mapped().stored.name = std::move(node.key());
        sorted.push_back(std::move(node.mapped()));
    }
    std::sort(sorted.begin(), sorted.end(),
              [](const auto &a, const auto &b) { return a.last < b.last; });
    for (LoadedTopic &topic : sorted) {
        drop_excess(topic.stored.messages, topic.keeps);
        const bool keeps = keeps_epoch(topic);
        if (!keeps) topic.stored.mark = 0;
        (keeps ? history_.topics : history_.lost).push_back(std::move(topic.stored));
    }
    const bool has_all_sequences =
        trust_.is_complete && history_.lost.empty() && last_damage_ <= log_epoch_since_;
    if (!has_all_sequences) history_.log_epoch = 0;
    return std::move(history_);
}

}  // namespace

StoredHistory load_history(std::deque<Segment> &segments, const Trust &trust, const KeptOf &keeps) {
    Load load(trust, keeps);
    for (Segment &segment : segments) load.read(segment);
    return load.finish();
}

}  // namespace wse::hub
