// SPDX-License-Identifier: MIT
// The core's sections as they stand in the merged tree.
#pragma once

#include <string>
#include <vector>

#include "config/binder.h"
#include "config/document.h"
#include "config/schema.h"

namespace wse::config {

// Reports unknown sections and sections of the wrong shape.
void check_shapes(const Document &document, Diagnostics &diagnostics);

bool has_unknown_section(const Document &document);

struct Instance {
    std::string name;              // the NAME of [listen.NAME], else empty
    const Value *table = nullptr;  // null: a single section that is not there
    Location at;
};

// Those of the right shape, in order.
std::vector<Instance> instances_of(const Document &document, const Section &section);

Place place_of(const Section &section, const Instance &instance);
// The section of settings.modules[module_index], for the module's own table.
Place place_of_module(const Document &document, size_t module_index);

}  // namespace wse::config
