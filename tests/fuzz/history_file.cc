// SPDX-License-Identifier: MIT
// Segments of the history file with any content. One has records that were written as they should
// be, of which one header then lies about its sizes with a checksum that fits; the other is the
// input as it is.
#include <fuzzer/FuzzedDataProvider.h>

#include <array>
#include <cstring>
#include <deque>
#include <fstream>
#include <string>
#include <vector>

#include "base/checksum.h"
#include "base/log.h"
#include "fuzz.h"
#include "hub/history_load.h"
#include "hub/record.h"
#include "hub/segment.h"

namespace wse::hub {
namespace {

constexpr size_t kHeadBytes = 48;
constexpr size_t kSegmentBytes = 8192;
// Where the header of a record has what, in octets.
constexpr size_t kCheckAt = 4;
constexpr size_t kMagicAt = 8;
constexpr size_t kHeaderBytes = 88;

struct Texts {
    std::array<std::string, 5> all;
};

Entry take_entry(FuzzedDataProvider &input, Texts &texts) {
    for (std::string &text : texts.all) text = input.ConsumeRandomLengthString(64);
    Entry entry;
    entry.kind = input.ConsumeBool() ? EntryKind::kMessage : EntryKind::kNote;
    entry.position = {input.ConsumeIntegral<uint8_t>(), input.ConsumeIntegral<uint64_t>()};
    entry.head = input.ConsumeIntegral<uint64_t>();
    entry.sequence = input.ConsumeIntegral<uint64_t>();
    entry.head_sequence = input.ConsumeIntegral<uint64_t>();
    entry.id_given = input.ConsumeBool();
    entry.time_ms = input.ConsumeIntegral<uint32_t>();
    entry.topic = texts.all[0];
    entry.type = texts.all[1];
    entry.id = texts.all[2];
    entry.payload = texts.all[3];
    entry.extra = texts.all[4];
    return entry;
}

void check_same(const Entry &a, const Entry &b) {
    WSE_ASSERT(a.kind == b.kind && a.position == b.position && a.head == b.head &&
                   a.sequence == b.sequence && a.head_sequence == b.head_sequence &&
                   a.id_given == b.id_given && a.time_ms == b.time_ms,
               "a record was read otherwise");
    WSE_ASSERT(a.topic == b.topic && a.type == b.type && a.id == b.id && a.payload == b.payload &&
                   a.extra == b.extra,
               "the texts of a record were read otherwise");
}

void check_scan(std::span<const std::byte> bytes, uint64_t segment) {
    RecordScan scan(bytes, segment);
    for (size_t before = 0; scan.next() != Finding::kEnd; before = scan.offset())
        WSE_ASSERT(scan.offset() > before && scan.offset() <= bytes.size(), "a scan stands still");
}

// The last field that lies, and checksums as whoever wrote the record would have made them.
void lie(std::span<std::byte> bytes, size_t record, uint64_t segment, FuzzedDataProvider &input) {
    const auto at = input.ConsumeIntegralInRange<size_t>(0, kHeaderBytes / 4 - 1) * 4;
    const auto value = input.ConsumeIntegral<uint32_t>();
    std::byte *const header = bytes.data() + record;
    std::memcpy(header + at, &value, sizeof value);
    uint32_t check = checksum(&segment, sizeof segment);
    check = checksum(header, kCheckAt, check);
    check = checksum(header + kMagicAt, kHeaderBytes - kMagicAt, check);
    std::memcpy(header + kCheckAt, &check, sizeof check);
}

// Records as they should be, which are read as they were written, and then one that is not.
std::vector<std::byte> make_records(FuzzedDataProvider &input, uint64_t segment) {
    std::vector<std::byte> bytes(kSegmentBytes - kHeadBytes);
    std::vector<size_t> starts;
    size_t end = 0;
    RecordScan scan(bytes, segment);
    while (input.remaining_bytes() > 0 && starts.size() < 8) {
        Texts texts;
        const Entry entry = take_entry(input, texts);
        write_record(bytes.data() + end, entry, segment);
        WSE_ASSERT(scan.next() == Finding::kEntry, "a record is not found");
        check_same(scan.entry(), entry);
        starts.push_back(end);
        end += record_size(entry);
    }
    WSE_ASSERT(scan.next() == Finding::kEnd, "more records than were written");
    if (!starts.empty()) lie(bytes, starts[end % starts.size()], segment, input);
    return bytes;
}

void check_topics(const std::vector<StoredTopic> &topics) {
    for (const StoredTopic &topic : topics) {
        uint64_t before = 0;
        for (const proto::Record &message : topic.messages) {
            const auto [epoch, offset] = message.position;
            WSE_ASSERT(epoch == topic.head.epoch, "a message of another epoch");
            WSE_ASSERT(&message == topic.messages.data() || offset > before, "out of order");
            WSE_ASSERT(offset <= topic.head.offset, "a message behind the head");
            before = offset;
        }
    }
}

class Files {
public:
    Files() {
        log::set_level(log::Level::kError);
        const auto made = Segment::create(directory_.path(), {1, 1, 0, 0}, kSegmentBytes);
        WSE_ASSERT(made.ok(), "there is no room for a segment");
        std::ifstream(segment_path(directory_.path(), 1)).read(head_.data(), kHeadBytes);
    }
    void write(uint64_t number, std::string_view head, std::span<const std::byte> bytes) const {
        std::ofstream file(segment_path(directory_.path(), number), std::ios::binary);
        file << head;
        file.write(reinterpret_cast<const char *>(bytes.data()),
                   static_cast<std::streamsize>(bytes.size()));
    }
    void load() const {
        std::deque<Segment> segments;
        for (const uint64_t number : {1, 2})
            segments.push_back(Segment::open(directory_.path(), number));
        const StoredHistory stored =
            load_history(segments, {true, 0, 2}, [](std::string_view) { return 3; });
        check_topics(stored.topics);
        check_topics(stored.lost);
    }
    std::string_view head() const { return {head_.data(), head_.size()}; }

private:
    fuzz::Directory directory_;
    std::array<char, kHeadBytes> head_{};
};

void run(std::span<const std::byte> raw, FuzzedDataProvider &input) {
    static const Files files;
    check_scan(std::vector<std::byte>(raw.begin(), raw.end()), 1);
    const std::vector<std::byte> records = make_records(input, 1);
    check_scan(records, 1);
    files.write(1, files.head(), records);
    files.write(2, {}, raw);
    files.load();
}

}  // namespace
}  // namespace wse::hub

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    FuzzedDataProvider input(data, size);
    wse::hub::run({reinterpret_cast<const std::byte *>(data), size}, input);
    return 0;
}
