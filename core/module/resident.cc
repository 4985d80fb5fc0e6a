// SPDX-License-Identifier: MIT
#include "module/resident.h"

#include <map>

namespace wse::module {
namespace {

std::map<std::string, const wse_module_def *, std::less<>> &residents() {
    static std::map<std::string, const wse_module_def *, std::less<>> all;
    return all;
}

}  // namespace

void add_resident(const std::string &name, const wse_module_def &def) {
    residents()[name] = &def;
}

void forget_residents() {
    residents().clear();
}

const wse_module_def *find_resident(std::string_view name) {
    const auto found = residents().find(name);
    return found == residents().end() ? nullptr : found->second;
}

}  // namespace wse::module
