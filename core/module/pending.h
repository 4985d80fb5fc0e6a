// SPDX-License-Identifier: MIT
#pragma once

namespace wse::module {

// A question that is under way. Destroying it means that nobody waits any more: the module's
// cancel is called, its late answer is counted and dropped, `done` is not called.
class Pending {
public:
    virtual ~Pending() = default;
};

}  // namespace wse::module
