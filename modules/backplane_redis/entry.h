// SPDX-License-Identifier: MIT
// Entries of streams as values, and what is to be appended as arguments of a script.
#pragma once

#include <hiredis/hiredis.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <wse/module.h>

#include "context.h"

namespace wse::backplane_redis {

struct EntryId {
    uint64_t ms = 0;
    uint64_t sequence = 0;

    bool operator==(const EntryId &) const = default;
    bool operator<(const EntryId &other) const {
        return ms != other.ms ? ms < other.ms : sequence < other.sequence;
    }
    std::string text() const;
};
std::optional<EntryId> parse_id(std::string_view text);

struct Place {
    uint64_t epoch = 0;
    uint64_t offset = 0;

    bool operator==(const Place &) const = default;
};
// "epoch:offset"
std::optional<Place> parse_place(std::string_view text);
std::optional<uint64_t> parse_number(std::string_view text);

struct Message {
    std::string topic;
    std::string type;
    std::string id;
    std::string payload;
    std::string extra;
    uint32_t priority = 0;
    uint64_t time_ms = 0;
    Place place = {};

    // Views into this one, which must stay.
    wse_message view() const;
};

struct Fact {
    uint32_t kind = 0;
    std::string topic;
    std::string key;
    std::string value;
    std::string host;

    wse_fact view() const;
};

struct Entry {
    enum class Kind { kMessage, kFact, kGone, kCanary, kGeneration, kMalformed };
    Kind kind = Kind::kMalformed;
    EntryId id = {};
    uint64_t count = 0;  // its number in the shard; 0: it has none
    Message message = {};
    Fact fact = {};
    std::string text;     // kGone, kCanary: the host; kGeneration: it; kMalformed: what is wrong
    uint64_t number = 0;  // kCanary
};

// One element of what XREAD gives of a stream. Nothing when it has not even an id.
std::optional<Entry> read_entry(const redisReply &reply, const Periphery &periphery);
// An entry of a topic's kept messages.
std::optional<Message> read_kept(const redisReply &reply, std::string_view topic,
                                 const Periphery &periphery);
// Of a pair of the hash of facts.
std::optional<Fact> read_fact(std::string_view topic, std::string_view field,
                              std::string_view value, const Periphery &periphery);

// A text that may be kept in Redis: sealed where that is wanted, and not empty.
std::string sealed(std::string_view plain, const Periphery &periphery);

}  // namespace wse::backplane_redis
