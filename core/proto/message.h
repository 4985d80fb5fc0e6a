// SPDX-License-Identifier: MIT
// A publication on its way: what a publisher asks for, and the committed message everybody shares.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ref.h"
#include "base/result.h"

namespace wse::proto {

// A place in a topic. Offsets start at 1 (rule M8) and have no gaps within an epoch; 0: nothing
// yet.
struct Position {
    uint32_t epoch = 0;
    uint64_t offset = 0;
    friend bool operator==(const Position &, const Position &) = default;
};

// Always the same eight lower-case hex digits on the wire (rule M18).
std::string epoch_text(uint32_t epoch);
// The reverse; nothing for any other text.
std::optional<uint32_t> parse_epoch(std::string_view text);

enum class Priority : uint8_t { kBackground = 1, kLow = 3, kNormal = 5, kHigh = 8, kCritical = 10 };
// The nearest of the five levels.
Priority nearest_priority(int64_t number);

// Bytes of Publication::extra.
inline constexpr size_t kMaxExtraBytes = 2048;

// What every publisher hands to the hub, checked by make_publication.
struct Publication {
    std::string topic;
    std::string type;
    std::string id;
    std::string payload;  // a JSON object, as the publisher wrote it
    Priority priority = Priority::kNormal;
    bool id_given = false;   // by the publisher, who may publish again under it
    std::string extra = {};  // further members of the envelope, a JSON object; empty: none
    uint64_t time_ms = 0;    // of what it tells of, wall clock; 0: of its commit

    // What it takes beside its names.
    size_t bytes() const { return payload.size() + extra.size(); }
};

// A publication with its place and its time: what the history keeps.
struct Record {
    Publication publication;
    Position position;
    uint64_t sequence = 0;  // of the whole server's commits: what a pattern recovers from
    uint64_t wall_ms = 0;
};

// What happens to a message that a client's full outbox cannot take (docs/protocol.md).
enum class Slow : uint8_t { kPause, kDisconnect, kDropOldest, kDropLowest, kConflate };

// How a topic's messages are sent.
struct Handling {
    bool stamped = false;  // carries tp, e and o, because its topic has a history to recover from
    Slow slow = Slow::kDisconnect;
    std::string key = {};  // messages with the same key replace one another; empty: the topic is it
};

// Committed. Immutable, shared by all loops.
struct Message final : RefCounted<Message> {
    Message(Record what, Handling how)
        : publication(std::move(what.publication)),
          position(what.position),
          sequence(what.sequence),
          wall_ms(what.wall_ms),
          handling(std::move(how)) {}

    const Publication publication;
    const Position position;
    const uint64_t sequence;
    const uint64_t wall_ms;
    const Handling handling;

    // When it happened, as its `ts` says; and how old that was when it was committed.
    uint64_t happened_ms() const { return publication.time_ms ? publication.time_ms : wall_ms; }
    uint64_t age_ms() const { return happened_ms() < wall_ms ? wall_ms - happened_ms() : 0; }
};
using MessageRef = Ref<const Message>;

struct PublishLimits {
    uint64_t payload_bytes = 0;  // of the payload and `extra` together
    uint64_t topic_bytes = 0;
};

// The fields of a publish request as they came; an empty view is an absent field.
struct PublishFields {
    std::string_view topic = {};
    std::string_view type = {};
    std::string_view id = {};
    std::string_view payload = {};  // any JSON value, checked
    int64_t priority = static_cast<int64_t>(Priority::kNormal);
    std::string_view extra = {};  // of modules alone
    uint64_t time_ms = 0;
};

// Fills in what is absent: no payload is {}, anything but an object is wrapped as {"data": …}, the
// type comes from the payload's `event_type`, else its `type`, else the topic, and the id is new.
// WSE_ETOOBIG: over a limit. WSE_EINVAL: names the field. A type of the protocol's own is refused,
// so nobody can speak to clients in the server's name; nor may `extra` have members by which
// clients read an envelope.
Result<Publication> make_publication(const PublishFields &fields, const PublishLimits &limits,
                                     uint64_t wall_ms);

// A concrete topic: 1 to `limit` bytes of UTF-8, no control character, no `*` or `?`.
Result<void> check_topic(std::string_view topic, uint64_t limit);
// The same, or a pattern.
Result<void> check_topic_or_pattern(std::string_view topic, uint64_t limit);

}  // namespace wse::proto
