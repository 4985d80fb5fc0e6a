// SPDX-License-Identifier: MIT
// The kinds that answer at once: transform, event, observer.
#pragma once

#include "play.h"

namespace wse::check {

// Every function of the kind with plain and with odd inputs; nothing for other kinds.
void try_directly(Play &play);

// One plain use of it. Functions may fail, which memory that runs out is a reason for; nothing may
// crash.
void use_directly(Play &play);

}  // namespace wse::check
