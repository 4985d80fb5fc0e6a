// SPDX-License-Identifier: MIT
#include "answer.h"

#include <string_view>
#include <utility>

#include "json_text/json_text.h"

namespace wse::snapshot_http {
namespace {

std::string_view trim(std::string_view text) {
    const size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
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

}  // namespace wse::snapshot_http
