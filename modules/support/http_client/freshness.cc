// SPDX-License-Identifier: MIT
#include "http_client/freshness.h"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace wse::http {
namespace {

constexpr uint64_t kMaxAge = 24 * 3600;  // seconds
constexpr size_t kMaxEtag = 256;

std::string_view trim(std::string_view text) {
    const size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    return out;
}

// 0 for what is no number, and as much as can be for one too large.
uint64_t read_age(std::string_view digits) {
    uint64_t age = 0;
    const char *const end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, age);
    if (digits.empty() || stop != end) return 0;
    return error == std::errc::result_out_of_range ? kMaxAge : std::min(age, kMaxAge);
}

void read_directive(std::string_view text, Freshness &ret, bool &forbidden, bool &doubtful) {
    const std::string directive = lower(trim(text));
    if (directive == "no-store") forbidden = true;
    if (directive == "no-cache" || directive.starts_with("no-cache=")) doubtful = true;
    if (directive.starts_with("max-age="))
        ret.max_age_ms = read_age(std::string_view(directive).substr(8)) * 1000;
}

}  // namespace

Freshness freshness_of(const Response &response) {
    Freshness freshness;
    bool forbidden = false, doubtful = false;
    std::string_view control = response.header("cache-control");
    while (!control.empty()) {
        const size_t end = std::min(control.find(','), control.size());
        read_directive(control.substr(0, end), freshness, forbidden, doubtful);
        control.remove_prefix(std::min(end + 1, control.size()));
    }
    const std::string_view etag = trim(response.header("etag"));
    // It goes back as it came, so it must be one that a header may have.
    if (etag.size() <= kMaxEtag &&
        std::all_of(etag.begin(), etag.end(), [](char c) { return c >= 0x21 && c < 0x7f; }))
        freshness.etag = etag;
    if (doubtful) freshness.max_age_ms = 0;
    freshness.store = !forbidden && (freshness.max_age_ms > 0 || !freshness.etag.empty());
    return freshness;
}

}  // namespace wse::http
