// SPDX-License-Identifier: MIT
#include "hub/segment.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <utility>

#include "base/assert.h"
#include "base/checksum.h"

namespace wse::hub {
namespace {

constexpr uint64_t kMagic = 0x31'67'65'73'45'53'57'ff;  // "\xffWSEseg1", with the version

struct StoredHead {
    uint64_t magic;
    uint64_t number;
    uint64_t bytes;  // of the file
    uint64_t sequence;
    uint64_t end_before;
    uint32_t log_epoch;
    uint32_t check;  // of what is before it
};
static_assert(sizeof(StoredHead) % kRecordAlign == 0);

uint32_t check_of(const StoredHead &head) {
    return checksum(&head, offsetof(StoredHead, check));
}

std::optional<StoredHead> read_head(const MappedFile &file, uint64_t number) {
    StoredHead stored{};
    std::memcpy(&stored, file.data(), sizeof stored);
    if (stored.magic != kMagic || stored.check != check_of(stored) || stored.number != number)
        return std::nullopt;
    return stored;
}

void write_head(const MappedFile &file, const SegmentHead &head) {
    StoredHead stored{
        kMagic, head.number, file.size(), head.sequence, head.end_before, head.log_epoch, 0};
    stored.check = check_of(stored);
    std::memcpy(file.data(), &stored, sizeof stored);
}

}  // namespace

std::string segment_path(const std::string &directory, uint64_t number) {
    std::array<char, 32> name{};
    std::snprintf(name.data(), name.size(), "/%016" PRIx64 ".seg", number);
    return directory + name.data();
}

Result<Segment> Segment::create(const std::string &directory, const SegmentHead &head,
                                size_t bytes) {
    Segment segment(segment_path(directory, head.number), head.number);
    const std::string unnamed = segment.path_ + ".new";
    unlink(unnamed.c_str());  // of a process that was killed here: not known to be all zero
    auto file = MappedFile::make(unnamed, bytes);
    if (!file) {
        // A part of the room may have been there; somebody else can use it.
        unlink(unnamed.c_str());
        return file.error();
    }
    write_head(*file, head);
    if (rename(unnamed.c_str(), segment.path_.c_str()) != 0) {
        const Error error = file_failure(segment.path_, "cannot give it its name", errno);
        unlink(unnamed.c_str());
        return error;
    }
    segment.head_ = head;
    segment.is_whole_ = true;
    segment.file_ = std::move(*file);
    return segment;
}

Segment Segment::open(const std::string &directory, uint64_t number) {
    Segment segment(segment_path(directory, number), number);
    auto file = MappedFile::read(segment.path_);
    if (!file || file->size() < sizeof(StoredHead)) return segment;
    if (const auto stored = read_head(*file, number)) {
        segment.head_ =
            SegmentHead{number, stored->log_epoch, stored->sequence, stored->end_before};
        segment.is_whole_ = stored->bytes == file->size();
    }
    segment.file_ = std::move(*file);
    segment.used_ = segment.file_.size() - sizeof(StoredHead);
    return segment;
}

RecordScan Segment::scan() const {
    if (used_ == 0) return {{}, number_};
    return {{file_.data() + sizeof(StoredHead), used_}, number_};
}

size_t Segment::capacity(size_t bytes) {
    return bytes - sizeof(StoredHead);
}

size_t Segment::room() const {
    return capacity(file_.size()) - used_;
}

void Segment::append(const Entry &entry) {
    const size_t size = record_size(entry);
    WSE_ASSERT(size <= room(), "a record was written beyond the end of its segment");
    write_record(file_.data() + sizeof(StoredHead) + used_, entry, number_);
    used_ += size;
}

void Segment::remove() const {
    unlink(path_.c_str());
}

}  // namespace wse::hub
