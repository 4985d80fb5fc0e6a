// SPDX-License-Identifier: MIT
// Segment: one file of the history, a head and then records. Written from front to back, by one
// thread, and given up as a whole. [hub]
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "hub/mapped_file.h"
#include "hub/record.h"

namespace wse::hub {

struct SegmentHead {
    uint64_t number = 0;  // from 1; a later segment has a higher one
    uint32_t log_epoch = 0;
    uint64_t sequence = 0;    // the highest that was given before
    uint64_t end_before = 0;  // where the records of the segment before end
};

std::string segment_path(const std::string &directory, uint64_t number);

class Segment {
public:
    // A new, empty one. The file gets its name when its head is in it, so that a process that is
    // killed here leaves nothing that looks like damage, but a file called *.new.
    static Result<Segment> create(const std::string &directory, const SegmentHead &head,
                                  size_t bytes);
    // One that is there, to be read. What cannot be read has no head and no records.
    static Segment open(const std::string &directory, uint64_t number);

    uint64_t number() const { return number_; }
    const std::string &path() const { return path_; }
    uint64_t bytes() const { return file_.size(); }
    // Absent when it is damaged.
    const std::optional<SegmentHead> &head() const { return head_; }
    // False: its head is damaged, or its end was cut off.
    bool is_whole() const { return is_whole_; }
    // Scans what was written; of an opened one, all there is, until end_at().
    RecordScan scan() const;
    // Nothing was written from here on, as a scan has shown.
    void end_at(size_t offset) { used_ = offset; }
    size_t end() const { return used_; }

    // The longest record that a new segment of that size takes.
    static size_t capacity(size_t bytes);
    // Of a created one: bytes left, and the next record, which must fit.
    size_t room() const;
    void append(const Entry &entry);

    bool sync() const { return file_.sync(); }
    void remove() const;

private:
    Segment(std::string path, uint64_t number) : path_(std::move(path)), number_(number) {}

    std::string path_;
    uint64_t number_;
    std::optional<SegmentHead> head_;
    bool is_whole_ = false;
    MappedFile file_;
    size_t used_ = 0;  // bytes behind the head
};

}  // namespace wse::hub
