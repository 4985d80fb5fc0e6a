// SPDX-License-Identifier: MIT
// dump(): binds everything once more, into scratch memory, and prints what came out of it; so the
// text cannot disagree with what the server uses.
#include <algorithm>
#include <cstddef>

#include "config/binder.h"
#include "config/document.h"
#include "config/load.h"
#include "config/option.h"
#include "config/shape.h"

namespace wse::config {
namespace {

constexpr size_t kOriginColumn = 44;

std::string with_comment(std::string text, const std::string &comment) {
    if (text.size() < kOriginColumn) text.resize(kOriginColumn, ' ');
    return text + " # " + comment + '\n';
}

// What is not set has no value to print: a comment, so that the text loads to the same.
std::string line_of(const wse_option &option, const void *config, const std::string &origin) {
    const std::string value = origin.empty() ? std::string() : show(option, config);
    if (value.empty()) return with_comment("# " + std::string(option.name) + " =", "not set");
    return with_comment(std::string(option.name) + " = " + value, origin);
}

class Printer {
public:
    explicit Printer(const Document &document) : document_(document) {}

    std::string run(std::span<const ModuleTable> modules) {
        print_sources();
        for (const Section &each : sections()) {
            if (each.name == std::string_view("module")) {
                print_modules(modules);
                continue;
            }
            for (const Instance &instance : instances_of(document_, each)) {
                const Place place = place_of(each, instance);
                out_ += '\n' + place.header + '\n';
                print_options(place, each.table);
            }
        }
        return std::move(out_);
    }

private:
    void print_sources() {
        for (const auto &source : document_.sources) {
            if (source->kind == Source::Kind::kFile) out_ += "# read from " + source->name + '\n';
        }
    }

    void print_options(const Place &place, const OptionTable &table) {
        std::vector<std::max_align_t> memory(table.config_size / sizeof(std::max_align_t) + 1);
        std::vector<std::string> origins;
        Diagnostics unused;
        Binder(document_, arena_, unused).bind(place, table, memory.data(), &origins);
        size_t row = 0;
        for (const wse_option &option : Rows(table)) {
            out_ += line_of(option, memory.data(), origins[row++]);
        }
    }

    void print_modules(std::span<const ModuleTable> modules) {
        for (size_t i = 0; i < document_.settings.modules.size(); ++i) {
            const ModuleEntry &entry = document_.settings.modules[i];
            Place place = place_of_module(document_, i);
            out_ += '\n' + place.header + '\n';
            print_load(place, entry);
            const auto known =
                std::find_if(modules.begin(), modules.end(),
                             [&](const ModuleTable &each) { return each.module_index == i; });
            if (known == modules.end()) {
                print_names(place);
            } else {
                print_options(place, known->table);
            }
        }
    }

    // Resolved: the text may be loaded from another directory.
    void print_load(const Place &place, const ModuleEntry &entry) {
        const Member *const load = place.table ? place.table->find(kLoadKey) : nullptr;
        out_ += with_comment(std::string(kLoadKey) + " = " + quoted(entry.path),
                             load ? origin_of(load->value.at) : "default");
    }

    void print_names(const Place &place) {
        for (const Member &member : place.table->members) {
            if (member.name == kLoadKey) continue;
            out_ += with_comment("# " + key_text(member.name) + " =", origin_of(member.value.at));
        }
    }

    const Document &document_;
    Arena arena_;
    std::string out_;
};

}  // namespace

std::string dump(const Loaded &loaded, std::span<const ModuleTable> modules) {
    const Document &document = loaded.document();
    return document.readable ? Printer(document).run(modules) : std::string();
}

}  // namespace wse::config
