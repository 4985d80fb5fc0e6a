// SPDX-License-Identifier: MIT
// Which sections are there, and have they the shape they should?
#include "config/shape.h"

#include <algorithm>

#include "config/hints.h"
#include "config/option.h"
#include "config/schema.h"

namespace wse::config {
namespace {

bool is_instance_name(std::string_view name) {
    return !name.empty() && name.find_first_not_of(
                                "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789_-") == std::string_view::npos;
}

const Section *find_section(std::string_view name) {
    for (const Section &each : sections()) {
        if (each.name == name) return &each;
    }
    return nullptr;
}

void check_named(const Section &section, const Member &member, Diagnostics &diagnostics) {
    for (const Member &each : member.value.members) {
        const std::string name = section.name + ('.' + key_text(each.name));
        if (each.value.kind != Kind::kTable) {
            const bool list = is_rows(each.value) && !each.value.items.empty();
            diagnostics.error(each.at,
                              name + ": expected a section, got " + kind_name(each.value.kind),
                              list ? "write [" + name + "], a name stands once"
                                   : "give the section a name: " + section.header("main"));
        } else if (!is_instance_name(each.name)) {
            diagnostics.error(each.at, name + ": a name is made of letters, digits, '_' and '-'");
        }
    }
}

void check_shape(const Section &section, const Member &member, Diagnostics &diagnostics) {
    const bool right =
        section.shape == Shape::kRows ? is_rows(member.value) : member.value.kind == Kind::kTable;
    if (!right) {
        const std::string wanted = section.shape == Shape::kRows ? "rows" : "a section";
        diagnostics.error(member.at,
                          std::string(section.name) + ": expected " + wanted + ", got " +
                              kind_name(member.value.kind),
                          "write " + section.header("main"));
    } else if (section.shape == Shape::kNamed) {
        check_named(section, member, diagnostics);
    }
}

}  // namespace

void check_shapes(const Document &document, Diagnostics &diagnostics) {
    for (const Member &member : document.root.members) {
        if (const Section *const known = find_section(member.name)) {
            check_shape(*known, member, diagnostics);
            continue;
        }
        const bool table = member.value.kind == Kind::kTable || is_rows(member.value);
        const std::string what = table ? "unknown section [" + key_text(member.name) + ']'
                                       : "unknown key '" + member.name + "' outside of a section";
        diagnostics.error(member.at, what, hint_for_section(member.name));
    }
}

bool has_unknown_section(const Document &document) {
    return std::any_of(document.root.members.begin(), document.root.members.end(),
                       [](const Member &member) { return !find_section(member.name); });
}

std::vector<Instance> instances_of(const Document &document, const Section &section) {
    const Member *const member = document.root.find(section.name);
    const Location nowhere{document.main(), 0, 0};
    std::vector<Instance> found;
    if (section.shape == Shape::kSingle) {
        const bool there = member && member->value.kind == Kind::kTable;
        found.push_back({{}, there ? &member->value : nullptr, member ? member->at : nowhere});
    } else if (member && section.shape == Shape::kRows && is_rows(member->value)) {
        for (const Value &row : member->value.items) found.push_back({{}, &row, row.at});
    } else if (member && section.shape == Shape::kNamed) {
        for (const Member &each : member->value.members) {
            const bool usable = each.value.kind == Kind::kTable && is_instance_name(each.name);
            if (usable) found.push_back({each.name, &each.value, each.at});
        }
    }
    return found;
}

Place place_of(const Section &section, const Instance &instance) {
    Place place;
    place.name = section.name + (instance.name.empty() ? std::string() : '.' + instance.name);
    place.header = section.header(instance.name);
    place.table = instance.table;
    place.at = instance.at;
    return place;
}

Place place_of_module(const Document &document, size_t module_index) {
    const std::string &name = document.settings.modules[module_index].name;
    const Member *const modules = document.root.find("module");
    const Member *const entry = modules ? modules->value.find(name) : nullptr;
    const Instance instance{name, entry ? &entry->value : nullptr,
                            document.module_at[module_index]};
    Place place = place_of(section("module"), instance);
    place.foreign = true;
    return place;
}

}  // namespace wse::config
