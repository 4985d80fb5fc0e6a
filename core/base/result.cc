// SPDX-License-Identifier: MIT
#include "base/result.h"

namespace wse {

const char *status_text(int status) {
    switch (status) {
#define WSE_X(name, value, text) \
    case value:                  \
        return text;
        WSE_STATUS_MAP(WSE_X)
#undef WSE_X
        default:
            return "unknown status";
    }
}

}  // namespace wse
