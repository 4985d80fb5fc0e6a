// SPDX-License-Identifier: MIT
#include "module/answer.h"

#include <optional>
#include <string_view>
#include <vector>

#include "base/json_scan.h"
#include "base/log.h"
#include "base/utf8.h"

namespace wse::module {
namespace {

static_assert(sizeof(wse_auth_result) == kAuthResultSize1_0);

std::string_view view(const wse_bytes &bytes) {
    return {static_cast<const char *>(bytes.data), bytes.len};
}

// C0, DEL and, in text that is valid UTF-8, C1 (U+0080 to U+009F).
bool has_control_character(std::string_view text) {
    for (size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c < 0x20 || c == 0x7f) return true;
        if (c == 0xc2 && static_cast<unsigned char>(text[i + 1]) < 0xa0) return true;
    }
    return false;
}

// What is wrong with it, never with its content: it is written to the log.
std::optional<std::string> fault_in_user(const wse_bytes &user) {
    if (user.len == 0 || !user.data) return "user is empty";
    if (user.len > kMaxUserLength)
        return "user has " + std::to_string(user.len) + " bytes, the limit is " +
               std::to_string(kMaxUserLength);
    if (!is_utf8(view(user))) return "user is not valid UTF-8";
    if (has_control_character(view(user))) return "user has a control character";
    return {};
}

std::optional<std::string> fault_in_claims(const wse_bytes &claims) {
    if (claims.len == 0) return {};
    if (!claims.data) return "claims are a null pointer with a length";
    if (claims.len > kMaxClaimsLength)
        return "claims have " + std::to_string(claims.len) + " bytes, the limit is " +
               std::to_string(kMaxClaimsLength);
    if (!is_utf8(view(claims))) return "claims are not valid UTF-8";
    std::vector<JsonMember> members;
    if (!scan_json_object(view(claims), members)) return "claims are not a valid JSON object";
    return {};
}

std::optional<std::string> fault_in(const wse_auth_result *result) {
    if (!result) return "admits with a null result";
    if (result->struct_size < kAuthResultSize1_0)
        return "wse_auth_result says it has " + std::to_string(result->struct_size) +
               " bytes, in ABI 1.0 it has " + std::to_string(kAuthResultSize1_0);
    if (auto fault = fault_in_user(result->user)) return fault;
    return fault_in_claims(result->claims);
}

}  // namespace

Result<Identity> judge_answer(const std::string &instance, int32_t status,
                              const wse_auth_result *result) {
    if (status != WSE_OK) {
        const bool known = status < WSE_OK && status >= WSE_EIO;
        return Error{known ? static_cast<wse_status>(status) : WSE_EIO,
                     "module " + instance + " refused: " +
                         (known ? status_text(status) : "status " + std::to_string(status))};
    }
    if (auto fault = fault_in(result)) {
        log::warn("module", "auth.answer_unsound", {{"module", instance}, {"fault", *fault}});
        return Error{WSE_EDENIED, "module " + instance + " gave an unsound answer: " + *fault};
    }
    return Identity{std::string(view(result->user)), std::string(view(result->claims)),
                    result->expires_ms};
}

}  // namespace wse::module
