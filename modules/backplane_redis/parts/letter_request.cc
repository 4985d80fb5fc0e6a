// SPDX-License-Identifier: MIT
#include "letter_request.h"

#include <algorithm>

#include "strict_json/strict_json.h"
#include "strict_json/text.h"

namespace wse::backplane_redis::parts {
namespace {

constexpr uint64_t kMaxLimit = 1000;

// "1764370000000-0"
bool is_entry_id(std::string_view text) {
    const size_t dash = text.find('-');
    const auto is_number = [](std::string_view part) {
        return !part.empty() && part.size() <= 20 &&
               std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
    };
    return dash != std::string_view::npos && is_number(text.substr(0, dash)) &&
           is_number(text.substr(dash + 1));
}

}  // namespace

std::optional<LetterRequest> read_letter_request(std::string_view json, std::string &ret_problem) {
    const auto fail = [&](const char *problem) {
        ret_problem = problem;
        return std::nullopt;
    };
    const strict_json::Object object = strict_json::parse_object(json);
    if (!object) return fail("the request is no JSON object");
    LetterRequest request;
    request.topic = strict_json::string_of(strict_json::member(object, "topic"));
    request.id = strict_json::string_of(strict_json::member(object, "id"));
    const cJSON *limit = strict_json::member(object, "limit");
    if (limit && !(cJSON_IsNumber(limit) && limit->valuedouble >= 1))
        return fail("limit: no number of at least 1");
    if (limit)
        request.limit = std::min(
            kMaxLimit, static_cast<uint64_t>(std::min(limit->valuedouble, double{kMaxLimit})));
    const std::string_view command = strict_json::string_of(strict_json::member(object, "command"));
    if (command == "dlq_list") {
        request.kind =
            request.topic.empty() ? LetterRequest::Kind::kTopics : LetterRequest::Kind::kLetters;
        request.id.clear();
        return request;
    }
    request.kind =
        command == "dlq_drop" ? LetterRequest::Kind::kDrop : LetterRequest::Kind::kReplay;
    if (request.topic.empty()) return fail("topic: is wanted");
    if (request.id == "all")
        request.id.clear();
    else if (!is_entry_id(request.id))
        return fail("id: is neither that of a letter nor \"all\"");
    return request;
}

std::string printable(std::string_view text) {
    const bool sound = strict_json::is_utf8(text);
    std::string out(text);
    std::replace_if(
        out.begin(), out.end(),
        [&](char c) {
            const auto octet = static_cast<uint8_t>(c);
            return octet < 0x20 || octet == 0x7f || c == '"' || (!sound && octet >= 0x80);
        },
        '?');
    return out;
}

}  // namespace wse::backplane_redis::parts
