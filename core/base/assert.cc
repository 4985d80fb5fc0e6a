// SPDX-License-Identifier: MIT
#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace wse {

void assertion_failed(const char *file, int line, const char *sentence) {
    std::fprintf(stderr, "%s:%d: broken invariant: %s\n", file, line, sentence);
    std::abort();
}

}  // namespace wse
