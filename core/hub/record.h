// SPDX-License-Identifier: MIT
// The records of a segment of the history file: how one is written, and how they are found again
// in bytes that may be damaged. Pure; any thread.
//
// A record is a header, then topic, type, id, payload, extra and, when it was given, the time of
// the event, in multiples of kRecordAlign. Records of older servers have neither of the last two.
// The first word of the header is stored last: while it is zero, the log of the segment ends there.
// A record that was torn by the end of the process is therefore not there, and was never delivered.
// A word that is not zero, with a checksum that does not fit, is damage.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "proto/message.h"

namespace wse::hub {

inline constexpr size_t kRecordAlign = 8;

// A message, or only where its topic stands.
enum class EntryKind : uint8_t { kMessage = 1, kNote = 2 };

struct Entry {
    EntryKind kind = EntryKind::kMessage;
    proto::Position position = {};  // of a note: the topic's head
    uint64_t head = 0;              // the topic's last offset when the entry was written
    uint64_t sequence = 0;          // of the message
    uint64_t head_sequence = 0;     // the topic's last when the entry was written, as far as known
    uint64_t wall_ms = 0;
    uint64_t topic_hash = 0;  // set by the scan: all that is known of the topic of a bad body
    proto::Priority priority = proto::Priority::kNormal;
    bool id_given = false;
    // Of the writer, or in the bytes that are scanned.
    std::string_view topic = {};
    std::string_view type = {};
    std::string_view id = {};
    std::string_view payload = {};
    std::string_view extra = {};  // at most proto::kMaxExtraBytes
    uint64_t time_ms = 0;
};

uint64_t topic_hash(std::string_view topic);

// The bytes that the entry takes in a segment.
size_t record_size(const Entry &entry);
// `at` is aligned and has record_size() bytes, all zero.
void write_record(std::byte *at, const Entry &entry, uint64_t segment);

enum class Finding : uint8_t {
    kEntry,
    kBadBody,    // the header is good: one topic lost one entry, whose texts are not known
    kBadRegion,  // entries of any topics may have been here
    kEnd,
};

class RecordScan {
public:
    // `bytes` are aligned and outlive the scan and its entries.
    RecordScan(std::span<const std::byte> bytes, uint64_t segment)
        : bytes_(bytes), segment_(segment) {}

    Finding next();
    // Of the last finding, when it is kEntry or kBadBody.
    const Entry &entry() const { return entry_; }
    // Where the next finding is looked for.
    size_t offset() const { return offset_; }

private:
    bool header_is_good(size_t at) const;
    size_t next_good_header(size_t from) const;

    std::span<const std::byte> bytes_;
    uint64_t segment_;  // a record that was written for another one is damage
    size_t offset_ = 0;
    Entry entry_;
};

}  // namespace wse::hub
