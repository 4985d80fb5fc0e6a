// SPDX-License-Identifier: MIT
#include "answer.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "json_text/json_text.h"

namespace wse::snapshot_http {
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

Answer failure(std::string problem) {
    return {WSE_EIO, {}, std::move(problem)};
}

// False when one of the headers is there and says nothing that can be a place.
bool read_place(const http::Response &response, std::optional<snapshot::Place> &ret) {
    const std::string_view epoch = response.header("wse-epoch");
    const std::string_view offset = response.header("wse-offset");
    if (epoch.empty() && offset.empty()) return true;
    const auto read = snapshot::read_epoch(trim(epoch));
    const auto number = snapshot::read_offset(trim(offset));
    if (!read || !number) return false;
    ret = snapshot::Place{*read, *number};
    return true;
}

void read_directive(std::string_view text, Freshness &ret, bool &forbidden, bool &doubtful) {
    const std::string directive = lower(trim(text));
    if (directive == "no-store") forbidden = true;
    if (directive == "no-cache" || directive.starts_with("no-cache=")) doubtful = true;
    if (!directive.starts_with("max-age=")) return;
    const auto age = snapshot::read_offset(std::string_view(directive).substr(8));
    ret.max_age_ms = std::min(age.value_or(0), kMaxAge) * 1000;
}

}  // namespace

Answer read_answer(http::Response response) {
    if (response.status == 204 || response.status == 404) return {WSE_ENOTFOUND, {}, ""};
    if (response.status != 200) return failure("status " + std::to_string(response.status));
    Answer answer;
    if (!read_place(response, answer.state.place))
        return failure("the headers WSE-Epoch and WSE-Offset are no place");
    answer.state.data = std::move(response.body);
    if (!json_text::is_json(answer.state.data)) return failure("the body is not JSON");
    return answer;
}

Freshness freshness_of(const http::Response &response) {
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

}  // namespace wse::snapshot_http
