// SPDX-License-Identifier: MIT
// State: what a snapshot module answers with, and how a store may write the position beside it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <wse/module.h>

namespace wse::snapshot {

struct Place {
    uint64_t epoch = 0;
    uint64_t offset = 0;

    bool operator==(const Place &) const = default;
};

struct State {
    std::string data;            // JSON
    std::optional<Place> place;  // of the last message that is in it; empty: not known
};

// The state as it stands in a store. An object that has the members "data", "epoch" (eight hex
// digits, as on the wire, in quotes) and "offset" and no other is a state with its place: `data` is
// what counts. Empty when the text is not JSON, or when the place is none.
std::optional<State> read_state(std::string_view text);

// Eight lower-case hex digits, without quotes. Empty for everything else.
std::optional<uint64_t> read_epoch(std::string_view text);
// Decimal digits and nothing else.
std::optional<uint64_t> read_offset(std::string_view text);
std::string epoch_text(uint64_t epoch);

// Of an option `type`: a sentence when clients would not know a snapshot by it, or empty. Null is
// fine: the usual.
std::string type_problem(const char *type);

// Answers the question. `type` may be null: the usual.
void answer(const wse_host *host, wse_snapshot_token *token, const State &state, const char *type);
void refuse(const wse_host *host, wse_snapshot_token *token, int32_t status);

}  // namespace wse::snapshot
