// SPDX-License-Identifier: MIT
// What an event of a backend's domain becomes on the wire. Pure; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "members.h"
#include "options.h"

namespace wse::event_map {

// As much of an event as it is about. Borrowed.
struct Input {
    std::string_view topic, type, payload;
    uint64_t now_ms = 0;
};

// What is to be set; empty and nothing: not.
struct Output {
    std::string type, id, payload, extra;
    std::optional<int> priority;
    std::optional<uint64_t> time_ms;

    enum class Kind : uint8_t { kMapped, kUnmapped, kOnWire } kind = Kind::kUnmapped;
    // Members cannot be told apart, and some of them are not to go out: nothing of it may.
    bool is_withheld = false;
    bool has_faults = false;  // members that are not what they have to be, and were left alone
};

class Mapping {
public:
    // The config outlives it.
    explicit Mapping(const Config &config);

    bool is_for(std::string_view topic) const;
    // Whether members of payloads are held back or get other names.
    bool selects() const;
    // Nothing: the payload cannot be read as an event, and goes out as it is.
    std::optional<Output> apply(const Input &input) const;

private:
    void take_wire(const Members &event, Output &out) const;
    void take_domain(const Members &event, const Input &input, Output &out) const;
    void take_type(const Members &event, std::string_view given, Output &out,
                   std::string &original) const;
    void take_payload(const Members &event, bool has_metadata, Output &out) const;
    std::string select(const Members &members, std::optional<std::string_view> left_out) const;
    std::string_view name_on_wire(std::string_view name) const;

    const Config &config_;
    std::map<std::string, std::string, std::less<>> types_;
    std::map<std::string, std::string, std::less<>> rename_;
};

}  // namespace wse::event_map
