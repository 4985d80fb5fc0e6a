// SPDX-License-Identifier: MIT
#include "hub/record.h"

#include <atomic>
#include <bit>
#include <cstring>
#include <utility>

#include "base/assert.h"
#include "base/checksum.h"

namespace wse::hub {
namespace {

static_assert(std::endian::native == std::endian::little, "the file is read as it was written");

// No byte of it occurs in UTF-8, so no text of a client looks like a header.
constexpr uint32_t kMagic = 0xfef5fffeU;

// Header::flags. From kExtraShift on, the bytes of extra; older servers left these bits zero.
constexpr uint16_t kIdGiven = 1;
constexpr uint16_t kHasTime = 2;
constexpr unsigned kExtraShift = 4;
static_assert(proto::kMaxExtraBytes < (size_t{1} << (16 - kExtraShift)));

struct Header {
    uint32_t length;  // with `check` the word that is stored last; of the whole record
    uint32_t check;   // of the header, without itself
    uint32_t magic;
    uint32_t body_check;
    uint64_t topic_hash;
    uint64_t offset;
    uint64_t head;
    uint64_t sequence;
    uint64_t head_sequence;
    uint64_t wall_ms;
    uint32_t epoch;
    uint8_t kind;
    uint8_t priority;
    uint16_t flags;
    uint32_t topic_bytes;
    uint32_t type_bytes;
    uint32_t id_bytes;
    uint32_t payload_bytes;
};
static_assert(sizeof(Header) == 88 && sizeof(Header) % kRecordAlign == 0);

constexpr size_t kCheckedFrom = offsetof(Header, magic);

uint32_t header_check(const Header &header, uint64_t segment) {
    uint32_t check = checksum(&segment, sizeof segment);
    check = checksum(&header.length, sizeof header.length, check);
    const auto *rest = reinterpret_cast<const std::byte *>(&header) + kCheckedFrom;
    return checksum(rest, sizeof header - kCheckedFrom, check);
}

size_t extra_bytes(const Header &header) {
    return header.flags >> kExtraShift;
}

size_t time_bytes(const Header &header) {
    return (header.flags & kHasTime) != 0 ? sizeof(uint64_t) : 0;
}

uint64_t body_bytes(const Header &header) {
    return uint64_t{header.topic_bytes} + header.type_bytes + header.id_bytes +
           header.payload_bytes + extra_bytes(header) + time_bytes(header);
}

uint16_t flags_of(const Entry &entry) {
    WSE_ASSERT(entry.extra.size() <= proto::kMaxExtraBytes, "extra was not checked");
    return static_cast<uint16_t>((entry.id_given ? kIdGiven : 0) |
                                 (entry.time_ms != 0 ? kHasTime : 0) |
                                 entry.extra.size() << kExtraShift);
}

// As it stands in a record; empty: none.
std::string_view time_text(const Entry &entry) {
    if (entry.time_ms == 0) return {};
    return {reinterpret_cast<const char *>(&entry.time_ms), sizeof entry.time_ms};
}

uint64_t aligned_size(uint64_t body) {
    return (sizeof(Header) + body + kRecordAlign - 1) / kRecordAlign * kRecordAlign;
}

Header header_of(const Entry &entry) {
    Header header{};
    header.length = static_cast<uint32_t>(record_size(entry));
    header.magic = kMagic;
    header.topic_hash = topic_hash(entry.topic);
    header.offset = entry.position.offset;
    header.head = entry.head;
    header.sequence = entry.sequence;
    header.head_sequence = entry.head_sequence;
    header.wall_ms = entry.wall_ms;
    header.epoch = entry.position.epoch;
    header.kind = static_cast<uint8_t>(entry.kind);
    header.priority = static_cast<uint8_t>(entry.priority);
    header.flags = flags_of(entry);
    header.topic_bytes = static_cast<uint32_t>(entry.topic.size());
    header.type_bytes = static_cast<uint32_t>(entry.type.size());
    header.id_bytes = static_cast<uint32_t>(entry.id.size());
    header.payload_bytes = static_cast<uint32_t>(entry.payload.size());
    return header;
}

Entry entry_of(const Header &header) {
    Entry entry;
    entry.kind = static_cast<EntryKind>(header.kind);
    entry.position = {header.epoch, header.offset};
    entry.head = header.head;
    entry.sequence = header.sequence;
    entry.head_sequence = header.head_sequence;
    entry.wall_ms = header.wall_ms;
    entry.topic_hash = header.topic_hash;
    entry.priority = static_cast<proto::Priority>(header.priority);
    entry.id_given = (header.flags & kIdGiven) != 0;
    return entry;
}

Header header_at(std::span<const std::byte> bytes, size_t at) {
    Header header;
    std::memcpy(&header, bytes.data() + at, sizeof header);
    return header;
}

template <class Word>
Word word_at(std::span<const std::byte> bytes, size_t at) {
    Word word = 0;
    std::memcpy(&word, bytes.data() + at, sizeof word);
    return word;
}

}  // namespace

uint64_t topic_hash(std::string_view topic) {
    uint64_t hash = 0xcbf29ce484222325U;  // FNV-1a
    for (const char c : topic) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    return hash;
}

size_t record_size(const Entry &entry) {
    return aligned_size(entry.topic.size() + entry.type.size() + entry.id.size() +
                        entry.payload.size() + entry.extra.size() + time_text(entry).size());
}

void write_record(std::byte *at, const Entry &entry, uint64_t segment) {
    Header header = header_of(entry);
    std::byte *out = at + sizeof header;
    for (const std::string_view text :
         {entry.topic, entry.type, entry.id, entry.payload, entry.extra, time_text(entry)}) {
        if (text.empty()) continue;
        std::memcpy(out, text.data(), text.size());
        header.body_check = checksum(text.data(), text.size(), header.body_check);
        out += text.size();
    }
    header.check = header_check(header, segment);
    std::memcpy(at + kCheckedFrom, &header.magic, sizeof header - kCheckedFrom);
    const uint64_t word = uint64_t{header.check} << 32 | header.length;
    std::atomic_ref(*reinterpret_cast<uint64_t *>(at)).store(word, std::memory_order_release);
}

bool RecordScan::header_is_good(size_t at) const {
    if (bytes_.size() - at < sizeof(Header)) return false;
    if (word_at<uint32_t>(bytes_, at + kCheckedFrom) != kMagic) return false;
    const Header header = header_at(bytes_, at);
    if (header.check != header_check(header, segment_)) return false;
    const bool is_known = header.kind == static_cast<uint8_t>(EntryKind::kMessage) ||
                          header.kind == static_cast<uint8_t>(EntryKind::kNote);
    return is_known && header.length == aligned_size(body_bytes(header)) &&
           header.length <= bytes_.size() - at;
}

size_t RecordScan::next_good_header(size_t from) const {
    for (size_t at = from; at + sizeof(Header) <= bytes_.size(); at += kRecordAlign) {
        if (header_is_good(at)) return at;
    }
    return bytes_.size();
}

Finding RecordScan::next() {
    const size_t at = offset_;
    if (bytes_.size() - at < kRecordAlign) return Finding::kEnd;
    if (!header_is_good(at)) {
        // Also after what looks like the end: a block that a disk lost reads as zeros. Behind a
        // real end nothing is found, because nothing was written there.
        offset_ = next_good_header(at + kRecordAlign);
        const bool is_end = word_at<uint64_t>(bytes_, at) == 0 && offset_ == bytes_.size();
        if (is_end) offset_ = at;
        return is_end ? Finding::kEnd : Finding::kBadRegion;
    }
    const Header header = header_at(bytes_, at);
    entry_ = entry_of(header);
    offset_ = at + header.length;
    const auto *text = reinterpret_cast<const char *>(bytes_.data() + at + sizeof header);
    if (checksum(text, body_bytes(header), 0) != header.body_check) return Finding::kBadBody;
    const auto cut = [&text](size_t size) {
        return std::string_view(std::exchange(text, text + size), size);
    };
    entry_.topic = cut(header.topic_bytes);
    entry_.type = cut(header.type_bytes);
    entry_.id = cut(header.id_bytes);
    entry_.payload = cut(header.payload_bytes);
    entry_.extra = cut(extra_bytes(header));
    if (time_bytes(header) > 0) std::memcpy(&entry_.time_ms, text, sizeof entry_.time_ms);
    return Finding::kEntry;
}

}  // namespace wse::hub
