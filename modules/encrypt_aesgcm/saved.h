// SPDX-License-Identifier: MIT
// A session as bytes, for a hand-over to another process. They hold its keys.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "session.h"

namespace wse::encrypt_aesgcm {

// Straight into the buffer, so that no copy of the keys stays behind. WSE_ETOOBIG: it does not fit.
int32_t save(const State &state, void *out, uint64_t *inout);

// Its nonces go on so far ahead that what was sent after save() does not repeat. Empty: not what
// save() of this version writes.
std::optional<State> restore(std::string_view saved);

}  // namespace wse::encrypt_aesgcm
