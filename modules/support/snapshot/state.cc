// SPDX-License-Identifier: MIT
#include "snapshot/state.h"

#include <charconv>
#include <vector>

#include "abi/module_class.h"
#include "json_text/json_text.h"

namespace wse::snapshot {
namespace {

constexpr size_t kEpochDigits = 8;
constexpr size_t kMaxType = 128;  // the server takes no more

std::optional<uint64_t> read_number(std::string_view text, int base) {
    uint64_t number = 0;
    const char *const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number, base);
    if (text.empty() || error != std::errc() || stop != end) return std::nullopt;
    return number;
}

std::string_view value_of(const std::vector<json_text::Member> &members, std::string_view name) {
    for (const json_text::Member &member : members) {
        if (member.name == name) return member.value;
    }
    return {};
}

}  // namespace

std::optional<uint64_t> read_epoch(std::string_view text) {
    const auto epoch = read_number(text, 16);
    return epoch && epoch_text(*epoch) == text ? epoch : std::nullopt;
}

std::optional<uint64_t> read_offset(std::string_view text) {
    return read_number(text, 10);
}

std::string epoch_text(uint64_t epoch) {
    static constexpr char kHex[] = "0123456789abcdef";
    std::string text(kEpochDigits, '0');
    for (size_t i = 0; i < kEpochDigits; ++i)
        text[i] = kHex[(epoch >> (4 * (kEpochDigits - 1 - i))) & 15];
    return text;
}

std::optional<State> read_state(std::string_view text) {
    if (!json_text::is_json(text)) return std::nullopt;
    std::vector<json_text::Member> members;
    const bool wrapped = json_text::members_of(text, members) && members.size() == 3;
    const std::string_view data = value_of(members, "data");
    std::string_view epoch = value_of(members, "epoch");
    const std::string_view offset = value_of(members, "offset");
    if (!wrapped || data.empty() || epoch.empty() || offset.empty())
        return State{std::string(text), std::nullopt};
    if (epoch.size() != kEpochDigits + 2 || epoch.front() != '"') return std::nullopt;
    const auto read = read_epoch(epoch.substr(1, kEpochDigits));
    const auto number = read_offset(offset);
    if (!read || !number) return std::nullopt;
    return State{std::string(data), Place{*read, *number}};
}

std::string type_problem(const char *type) {
    if (!type) return "";
    const std::string_view text(type);
    for (const char c : text) {
        if (static_cast<uint8_t>(c) <= 0x20 || static_cast<uint8_t>(c) >= 0x7f)
            return "type: has a character that is not plain ASCII";
    }
    if (text.size() > kMaxType) return "type: is over 128 bytes";
    if (text.find("_snapshot") == std::string_view::npos && !text.starts_with("snapshot_"))
        return "type: '" + std::string(text) +
               "' neither has \"_snapshot\" in it nor begins with \"snapshot_\"";
    return "";
}

void answer(const wse_host *host, wse_snapshot_token *token, const State &state, const char *type) {
    const wse_snapshot snapshot = {
        .struct_size = sizeof snapshot,
        .has_position = state.place ? 1u : 0u,
        .data = abi::bytes_of(state.data),
        .type = abi::bytes_of(type ? type : ""),
        .epoch = state.place.value_or(Place()).epoch,
        .offset = state.place.value_or(Place()).offset,
    };
    host->snapshot_done(host, token, WSE_OK, &snapshot);
}

void refuse(const wse_host *host, wse_snapshot_token *token, int32_t status) {
    host->snapshot_done(host, token, status, nullptr);
}

}  // namespace wse::snapshot
