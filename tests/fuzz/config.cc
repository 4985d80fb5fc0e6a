// SPDX-License-Identifier: MIT
// A configuration file of any content: it is read or refused, and what was read and printed loads
// again and prints the same.
#include <algorithm>
#include <cstring>
#include <fstream>
#include <string>

#include "config/file.h"
#include "config/load.h"
#include "config/tree.h"
#include "fuzz.h"

namespace wse::config {
namespace {

// May a file of that name be looked for? One that stays in the directory.
bool is_harmless(const Value &name) {
    return name.text.find('/') == std::string::npos &&
           std::all_of(name.items.begin(), name.items.end(), is_harmless);
}

bool includes_elsewhere(const std::string &text) {
    const Source source{Source::Kind::kFile, "wse.toml", text};
    Value root;
    Diagnostics ignored;
    parse_source(source, root, ignored);
    const Member *const include = root.find("include");
    return include && !is_harmless(include->value);
}

class Loader {
public:
    Loaded load(std::string_view text, Diagnostics &diagnostics) const {
        LoadRequest request;
        request.path = directory_.path() + "/wse.toml";
        request.module_dir = "/modules";
        request.getenv = [](const char *name) -> const char * {
            if (std::strcmp(name, "EMPTY") == 0) return "";
            return std::strcmp(name, "SET") == 0 ? "10" : nullptr;
        };
        std::ofstream(request.path, std::ios::binary) << text;
        return config::load(request, diagnostics);
    }

private:
    fuzz::Directory directory_;
};

void run(const std::string &text) {
    static const Loader loader;
    Diagnostics diagnostics;
    const Loaded loaded = loader.load(text, diagnostics);
    const std::string printed = dump(loaded, {});
    if (!diagnostics.ok()) {
        WSE_ASSERT(!diagnostics.render().empty(), "a refusal without a reason");
        return;
    }
    Diagnostics first;
    const std::string again = dump(loader.load(printed, first), {});
    WSE_ASSERT(first.ok(), "what was printed does not load");
    Diagnostics second;
    WSE_ASSERT(dump(loader.load(again, second), {}) == again, "what was printed loads otherwise");
}

}  // namespace
}  // namespace wse::config

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const std::string text(wse::fuzz::text_of(data, size));
    if (!wse::config::includes_elsewhere(text)) wse::config::run(text);
    return 0;
}
