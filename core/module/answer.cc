// SPDX-License-Identifier: MIT
#include "module/answer.h"

#include <optional>
#include <string_view>
#include <vector>

#include "base/json_scan.h"
#include "base/log.h"
#include "base/utf8.h"
#include "module/bytes.h"

namespace wse::module {
namespace {

static_assert(sizeof(wse_auth_result) == kAuthResultSize1_0);
static_assert(sizeof(wse_snapshot) == kSnapshotSize1_0);
static_assert(sizeof(wse_reply) == kReplySize1_0);

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
    if (!is_utf8(to_view(user))) return "user is not valid UTF-8";
    if (has_control_character(to_view(user))) return "user has a control character";
    return {};
}

std::optional<std::string> fault_in_claims(const wse_bytes &claims) {
    if (claims.len == 0) return {};
    if (!claims.data) return "claims are a null pointer with a length";
    if (claims.len > kMaxClaimsLength)
        return "claims have " + std::to_string(claims.len) + " bytes, the limit is " +
               std::to_string(kMaxClaimsLength);
    if (!is_utf8(to_view(claims))) return "claims are not valid UTF-8";
    std::vector<JsonMember> members;
    if (!scan_json_object(to_view(claims), members)) return "claims are not a valid JSON object";
    return {};
}

std::optional<std::string> fault_in_json(const wse_bytes &json, const char *what, uint64_t limit) {
    if (json.len == 0) return {};
    std::string fault = what;
    if (!json.data) {
        fault += " is a null pointer with a length";
    } else if (json.len > limit) {
        fault += " has " + std::to_string(json.len);
        fault += " bytes, the limit is " + std::to_string(limit);
    } else if (!is_utf8(to_view(json))) {
        fault += " is not valid UTF-8";
    } else if (!check_json(to_view(json))) {
        fault += " is not valid JSON";
    } else if (has_half_surrogate_pair(to_view(json))) {
        // A client's parser may refuse the whole message for it.
        fault += " has half a surrogate pair";
    } else if (has_long_number(to_view(json))) {
        fault += " has a number of too many digits";
    } else {
        return {};
    }
    return fault;
}

std::optional<std::string> fault_in_type(const wse_bytes &type) {
    if (type.len == 0) return {};
    if (!type.data || type.len > kMaxTypeLength || !is_utf8(to_view(type)) ||
        has_control_character(to_view(type)))
        return "type is no text of at most " + std::to_string(kMaxTypeLength) + " bytes";
    // Clients know a snapshot by it.
    if (to_view(type).find("_snapshot") == std::string_view::npos &&
        !to_view(type).starts_with("snapshot_"))
        return std::string("type neither has \"_snapshot\" in it nor begins with \"snapshot_\"");
    return {};
}

template <class Struct>
std::optional<std::string> fault_in_size(const Struct *result, uint32_t least, const char *name) {
    if (!result) return "answers with a null result";
    if (result->struct_size >= least) return {};
    std::string fault = name;
    fault += " says it has " + std::to_string(result->struct_size);
    fault += " bytes, in ABI 1.0 it has " + std::to_string(least);
    return fault;
}

std::optional<std::string> fault_in(const wse_auth_result *result) {
    if (auto fault = fault_in_size(result, kAuthResultSize1_0, "wse_auth_result")) return fault;
    if (auto fault = fault_in_user(result->user)) return fault;
    return fault_in_claims(result->claims);
}

std::optional<std::string> fault_in(const wse_snapshot *snapshot, uint64_t limit) {
    if (auto fault = fault_in_size(snapshot, kSnapshotSize1_0, "wse_snapshot")) return fault;
    if (snapshot->data.len == 0) return "data is empty";
    if (auto fault = fault_in_json(snapshot->data, "data", limit)) return fault;
    return fault_in_type(snapshot->type);
}

std::optional<std::string> fault_in(const wse_reply *reply) {
    if (auto fault = fault_in_size(reply, kReplySize1_0, "wse_reply")) return fault;
    if (reply->user.len > 0) {
        if (auto fault = fault_in_user(reply->user)) return fault;
    }
    return fault_in_json(reply->data, "data", UINT32_MAX);
}

std::optional<Error> refusal(const std::string &instance, int32_t status) {
    if (status == WSE_OK) return {};
    const bool known = status < WSE_OK && status >= WSE_EIO;
    return Error{known ? static_cast<wse_status>(status) : WSE_EIO,
                 "module " + instance + " refused: " +
                     (known ? status_text(status) : "status " + std::to_string(status))};
}

// What a module says to an operator, when it can be shown.
std::string_view sentence_in(const wse_bytes &said) {
    constexpr size_t kMaxSentence = 1024;
    const std::string_view text = to_view(said);
    const bool sound = text.size() <= kMaxSentence && is_utf8(text) && !has_control_character(text);
    return sound ? text : std::string_view();
}

Error unsound(const std::string &instance, wse_status status, const std::string &fault) {
    log::warn("module", "module.answer_unsound", {{"module", instance}, {"fault", fault}});
    return Error{status, "module " + instance + " gave an unsound answer: " + fault};
}

}  // namespace

Result<Answer> judge_identity(const std::string &instance, int32_t status,
                              const wse_auth_result *result) {
    if (auto why = refusal(instance, status)) return *why;
    if (auto fault = fault_in(result)) return unsound(instance, WSE_EDENIED, *fault);
    return Answer(Identity{std::string(to_view(result->user)), std::string(to_view(result->claims)),
                           result->expires_ms});
}

Result<Answer> judge_snapshot(const std::string &instance, int32_t status,
                              const wse_snapshot *snapshot, uint64_t limit) {
    if (auto why = refusal(instance, status)) return *why;
    if (auto fault = fault_in(snapshot, limit)) {
        const bool large = snapshot && snapshot->data.len > limit;
        return unsound(instance, large ? WSE_ETOOBIG : WSE_EIO, *fault);
    }
    Snapshot answer{std::string(to_view(snapshot->data)), std::string(to_view(snapshot->type)), {}};
    if (snapshot->has_position) answer.as_of = Place{snapshot->epoch, snapshot->offset};
    return Answer(std::move(answer));
}

Result<Answer> judge_place(const std::string &instance, int32_t status, Place place) {
    if (auto why = refusal(instance, status)) return *why;
    if (place.epoch == 0 || place.epoch > UINT32_MAX || place.offset == 0)
        return unsound(instance, WSE_EIO, "a place has an epoch of 32 bits and an offset from 1");
    return Answer(place);
}

Result<Answer> judge_reply(const std::string &instance, int32_t status, const wse_reply *reply) {
    if (auto why = refusal(instance, status)) return *why;
    if (auto fault = fault_in(reply)) return unsound(instance, WSE_EIO, *fault);
    return Answer(Reply{std::string(to_view(reply->user)), std::string(to_view(reply->data)),
                        reply->expires_ms});
}

Result<Answer> judge_command(const std::string &instance, int32_t status, const wse_bytes &said) {
    if (auto why = refusal(instance, status)) {
        const std::string_view sentence = sentence_in(said);
        return sentence.empty() ? *why : Error{why->status, std::string(sentence)};
    }
    if (said.len == 0) return unsound(instance, WSE_EIO, "answer is empty");
    if (auto fault = fault_in_json(said, "answer", kMaxCommandAnswer))
        return unsound(instance, WSE_EIO, *fault);
    return Answer(CommandAnswer{std::string(to_view(said))});
}

}  // namespace wse::module
