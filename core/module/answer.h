// SPDX-License-Identifier: MIT
// Judging what an auth module answers: nothing that is not sound becomes a session.
#pragma once

#include <cstdint>
#include <string>

#include <wse/module.h>

#include "base/result.h"
#include "module/auth.h"

namespace wse::module {

inline constexpr uint64_t kMaxUserLength = 256;
inline constexpr uint64_t kMaxClaimsLength = 64 * 1024;
inline constexpr uint32_t kAuthResultSize1_0 = 48;

// [any] A copy of the identity, or why there is none: a status other than WSE_OK, or a result that
// admits nobody although the status is WSE_OK, which is logged with `instance`.
Result<Identity> judge_answer(const std::string &instance, int32_t status,
                              const wse_auth_result *result);

}  // namespace wse::module
