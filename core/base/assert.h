// SPDX-License-Identifier: MIT
// WSE_ASSERT: a broken invariant of ours ends the process with a sentence, in every build.
// What a client, an operator or a module can cause is an Error, never an assert.
#pragma once

namespace wse {

[[noreturn]] void assertion_failed(const char *file, int line, const char *sentence);

}  // namespace wse

#define WSE_ASSERT(condition, sentence)                  \
    (static_cast<bool>(condition) ? static_cast<void>(0) \
                                  : ::wse::assertion_failed(__FILE__, __LINE__, sentence))
