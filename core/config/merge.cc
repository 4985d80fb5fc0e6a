// SPDX-License-Identifier: MIT
#include "config/merge.h"

#include <iterator>

namespace wse::config {
namespace {

void unite(Value &into, Value &&from, const std::string &prefix, Diagnostics &diagnostics) {
    for (Member &member : from.members) {
        Member *const present = into.find(member.name);
        if (!present) {
            into.members.push_back(std::move(member));
        } else if (present->value.kind == Kind::kTable && member.value.kind == Kind::kTable) {
            unite(present->value, std::move(member.value), prefix + member.name + '.', diagnostics);
        } else if (is_rows(present->value) && is_rows(member.value) && prefix.empty()) {
            std::move(member.value.items.begin(), member.value.items.end(),
                      std::back_inserter(present->value.items));
        } else {
            diagnostics.error(member.at, '\'' + prefix + member.name +
                                             "' is given in two files, first at " +
                                             describe(present->at));
        }
    }
}

}  // namespace

void merge_file(Value &into, Value &&from, Diagnostics &diagnostics) {
    unite(into, std::move(from), {}, diagnostics);
}

void merge_override(Value &into, Value &&from) {
    for (Member &member : from.members) {
        Member *const present = into.find(member.name);
        if (!present) {
            into.members.push_back(std::move(member));
        } else if (present->value.kind == Kind::kTable && member.value.kind == Kind::kTable) {
            merge_override(present->value, std::move(member.value));
        } else {
            *present = std::move(member);
        }
    }
}

}  // namespace wse::config
