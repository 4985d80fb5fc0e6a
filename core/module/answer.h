// SPDX-License-Identifier: MIT
// What modules answer, and judging it: nothing that is not sound goes any further.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include <wse/module.h>

#include "base/result.h"
#include "module/auth.h"

namespace wse::module {

// Of a message in its topic.
struct Place {
    uint64_t epoch = 0;
    uint64_t offset = 0;
};

// The state behind a topic.
struct Snapshot {
    std::string data;            // JSON
    std::string type;            // of the message that carries it; empty: the usual
    std::optional<Place> as_of;  // of the last message that is in it
};

// Of an application.
struct Reply {
    std::string user;
    std::string data;  // JSON, or empty
    uint64_t expires_ms = 0;
};

struct BatchTaken {};

// To an operator's question: a JSON value.
struct CommandAnswer {
    std::string json;
};

using Answer = std::variant<Identity, Snapshot, Place, Reply, BatchTaken, CommandAnswer>;

// The answer as that of one kind; a module that answers with another kind's function gets an error.
template <class T>
Result<T> answer_as(Result<Answer> answer) {
    if (!answer) return answer.error();
    if (T *value = std::get_if<T>(&*answer)) return std::move(*value);
    return Error{WSE_EIO, "answered with the function of another kind of question"};
}

inline constexpr uint64_t kMaxUserLength = 256;
inline constexpr uint64_t kMaxClaimsLength = 64 * 1024;
inline constexpr uint64_t kMaxTypeLength = 128;
inline constexpr uint64_t kMaxCommandAnswer = uint64_t{8} << 20;
inline constexpr uint32_t kAuthResultSize1_0 = 48;
inline constexpr uint32_t kSnapshotSize1_0 = 56;
inline constexpr uint32_t kReplySize1_0 = 48;

// [any] A copy of what the module answers, or why there is none: a status other than WSE_OK, or a
// result that is not sound although the status is WSE_OK, which is logged with `instance`.
Result<Answer> judge_identity(const std::string &instance, int32_t status,
                              const wse_auth_result *result);
// WSE_ETOOBIG: more than `limit` bytes of data.
Result<Answer> judge_snapshot(const std::string &instance, int32_t status,
                              const wse_snapshot *snapshot, uint64_t limit);
Result<Answer> judge_place(const std::string &instance, int32_t status, Place place);
Result<Answer> judge_reply(const std::string &instance, int32_t status, const wse_reply *reply);
// `said` is the answer, or with another status than WSE_OK a sentence, which the error has.
Result<Answer> judge_command(const std::string &instance, int32_t status, const wse_bytes &said);

}  // namespace wse::module
