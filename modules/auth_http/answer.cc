// SPDX-License-Identifier: MIT
#include "answer.h"

#include <optional>
#include <string_view>
#include <vector>

#include "json_text/json_text.h"
#include "strict_json/strict_json.h"
#include "strict_json/text.h"

namespace wse::auth_http {
namespace {

using strict_json::member;

constexpr double kLastMillisecond = 253402300799999.0;  // 9999-12-31T23:59:59.999Z

Answer failure(std::string problem) {
    return {WSE_EIO, {}, std::move(problem)};
}

bool is_given(const cJSON *node) {
    return node && !cJSON_IsNull(node);
}

// False for two ends, and for what is no date.
bool read_end(const strict_json::Object &body, uint64_t &ret_ms) {
    const cJSON *const precise = member(body, "expires_ms"), *const whole = member(body, "expires");
    if (is_given(precise) && is_given(whole)) return false;
    if (is_given(precise)) {
        if (!cJSON_IsNumber(precise) ||
            !(precise->valuedouble >= 1 && precise->valuedouble <= kLastMillisecond))
            return false;
        ret_ms = static_cast<uint64_t>(precise->valuedouble);
    } else if (is_given(whole)) {
        const std::optional<uint64_t> date = strict_json::date_ms(whole);
        if (!date || *date == 0) return false;
        ret_ms = *date;
    }
    return true;
}

// As they stand in the body: the server reads them to the letter. False for what is no object.
bool read_claims(const std::string &body, std::string &ret) {
    std::vector<json_text::Member> members;
    if (!json_text::members_of(body, members)) return false;
    for (const json_text::Member &each : members) {
        if (json_text::decoded(each.name) != "claims" || each.value == "null") continue;
        if (!strict_json::parse_object(each.value)) return false;
        ret = each.value;
    }
    return true;
}

}  // namespace

Answer read_answer(const http::Response &response, uint64_t now_ms) {
    if (response.status == 401 || response.status == 403) return {WSE_EDENIED, {}, ""};
    if (response.status != 200) return failure("status " + std::to_string(response.status));
    if (!json_text::is_json(response.body)) return failure("the body is not JSON");
    const strict_json::Object body = strict_json::parse_object(response.body);
    if (!body) return failure("the body is no plain JSON object");
    Answer answer;
    answer.identity.user = strict_json::string_of(member(body, "user"));
    if (!strict_json::is_user(answer.identity.user))
        return failure("user is no text of 1 to 256 bytes without control characters");
    if (!read_claims(response.body, answer.identity.claims))
        return failure("claims is no plain JSON object");
    if (!read_end(body, answer.identity.expires_ms))
        return failure("expires_ms and expires are no date, or both are there");
    const uint64_t end = answer.identity.expires_ms;
    answer.status = end != 0 && end <= now_ms ? WSE_EDENIED : WSE_OK;
    return answer;
}

}  // namespace wse::auth_http
