// SPDX-License-Identifier: MIT
#include "values.h"

#include <cjson/cJSON.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "time_text/time_text.h"

namespace wse::event_map {
namespace {

constexpr size_t kMaxRaw = 6 * kMaxText + 2;  // every byte of it escaped

}  // namespace

bool is_type(std::string_view text) {
    return !text.empty() && text.size() <= kMaxText &&
           std::none_of(text.begin(), text.end(),
                        [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

std::optional<std::string> string_of(std::string_view raw) {
    if (raw.size() < 2 || raw.size() > kMaxRaw || raw.front() != '"') return std::nullopt;
    const std::string_view text = raw.substr(1, raw.size() - 2);
    if (text.find('\\') == std::string_view::npos) return std::string(text);
    if (text.find("\\u0000") != std::string_view::npos) return std::nullopt;
    const std::unique_ptr<cJSON, decltype(&cJSON_Delete)> node(
        cJSON_ParseWithLength(raw.data(), raw.size()), cJSON_Delete);
    if (!cJSON_IsString(node.get())) return std::nullopt;
    return std::string(node->valuestring);
}

std::optional<double> number_of(std::string_view raw) {
    double number = 0;
    const auto [end, error] = std::from_chars(raw.data(), raw.data() + raw.size(), number);
    if (error != std::errc() || end != raw.data() + raw.size()) return std::nullopt;
    return number;
}

std::optional<uint64_t> time_of(std::string_view raw) {
    if (const auto text = string_of(raw)) return time_text::parse_time(*text);
    return time_text::time_of(raw);
}

}  // namespace wse::event_map
