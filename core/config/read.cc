// SPDX-License-Identifier: MIT
#include "config/read.h"

#include <errno.h>
#include <glob.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "base/glob.h"
#include "config/expand.h"
#include "config/file.h"
#include "config/merge.h"

namespace wse::config {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxFileBytes = 4 << 20;
constexpr size_t kMaxFiles = 1000;

Result<std::string> read_file(const std::string &path) {
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) return Error{WSE_EIO, "is a directory"};
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file) return Error{WSE_EIO, std::strerror(errno)};
    // Piece by piece, because the text stays in memory, and there may be a thousand files.
    std::string text;
    std::array<char, 16 * 1024> piece{};
    do {
        file.read(piece.data(), piece.size());
        text.append(piece.data(), static_cast<size_t>(file.gcount()));
    } while (file && text.size() <= kMaxFileBytes);
    if (file.bad()) return Error{WSE_EIO, "cannot be read to its end"};
    if (text.size() > kMaxFileBytes) return Error{WSE_ETOOBIG, "is larger than 4 MiB"};
    return text;
}

// Sorted by bytes: the order of files must not depend on a locale.
std::vector<std::string> files_matching(const std::string &pattern) {
    glob_t found{};
    std::vector<std::string> paths;
    if (glob(pattern.c_str(), 0, nullptr, &found) == 0) {
        paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
    }
    globfree(&found);
    std::sort(paths.begin(), paths.end());
    return paths;
}

std::string identity(const std::string &path) {
    std::error_code failed;
    const fs::path canonical = fs::weakly_canonical(path, failed);
    return failed ? path : canonical.string();
}

class Reader {
public:
    Reader(Document &document, Diagnostics &diagnostics)
        : document_(document), diagnostics_(diagnostics) {}

    void read_main(const std::string &path) {
        std::optional<Value> root = read(path, {});
        if (!root) return;
        const std::optional<Member> include = take_include(*root);
        document_.root = std::move(*root);
        document_.readable = true;
        if (!include) return;
        for (const Value *name : names_of(*include)) include_one(*name, path);
    }

    void override_with(const std::string &text) {
        const Source *source = document_.add_source(Source::Kind::kOverride, "-g", text);
        Value tree;
        if (!parse_source(*source, tree, diagnostics_)) return;
        expand(tree, document_.getenv, diagnostics_);
        if (const auto include = take_include(tree)) {
            diagnostics_.error(include->at, "'include' belongs into a file, not into -g");
        }
        if (text.find('=') == std::string::npos && tree.members.empty()) {
            diagnostics_.error({source, 1, 1}, "an override is a key and its value",
                               "write -g 'log.level=\"debug\"'");
        }
        merge_override(document_.root, std::move(tree));
    }

private:
    // `from` is where the file was named, for the error when it cannot be read.
    std::optional<Value> read(const std::string &path, const Location &from) {
        seen_.push_back(identity(path));
        Result<std::string> text = read_file(path);
        const Source *source = document_.add_source(Source::Kind::kFile, path,
                                                    text ? std::move(*text) : std::string());
        if (!text) {
            if (from.source)
                diagnostics_.error(from, "cannot read '" + path + "': " + text.error().text);
            else
                diagnostics_.error({source, 0, 0}, "cannot be read: " + text.error().text +
                                                       "; -c names another file");
            return std::nullopt;
        }
        Value root;
        root.at = {source, 1, 1};
        if (!parse_source(*source, root, diagnostics_)) document_.complete = false;
        expand(root, document_.getenv, diagnostics_);
        return root;
    }

    static std::optional<Member> take_include(Value &root) {
        Member *const found = root.find("include");
        if (!found) return std::nullopt;
        Member include = std::move(*found);
        root.members.erase(root.members.begin() + (found - root.members.data()));
        return include;
    }

    std::vector<const Value *> names_of(const Member &include) {
        std::vector<const Value *> names;
        const bool list = include.value.kind == Kind::kArray;
        const auto add = [&](const Value &name) {
            if (name.broken) return;
            if (name.kind == Kind::kString && !name.text.empty()) {
                names.push_back(&name);
                return;
            }
            diagnostics_.error(
                name.at,
                std::string("include: expected a file name or a list of them, got ") +
                    (name.kind == Kind::kString ? "''" : kind_name(name.kind)),
                "write include = \"conf.d/*.toml\"");
        };
        if (!list) add(include.value);
        for (const Value &name : include.value.items) add(name);
        return names;
    }

    void include_one(const Value &name, const std::string &including) {
        const std::string path = (fs::path(including).parent_path() / name.text).string();
        const bool pattern = is_pattern(name.text) || name.text.find('[') != std::string::npos;
        const auto paths = pattern ? files_matching(path) : std::vector<std::string>{path};
        for (const std::string &each : paths) include_file(each, name.at);
    }

    void include_file(const std::string &path, const Location &from) {
        // Two patterns may meet in a file, or a pattern in the file it stands in.
        if (std::find(seen_.begin(), seen_.end(), identity(path)) != seen_.end()) return;
        if (seen_.size() >= kMaxFiles) {
            diagnostics_.error(from, "more than " + std::to_string(kMaxFiles) + " files included");
            return;
        }
        std::optional<Value> root = read(path, from);
        if (!root) return;
        if (const auto include = take_include(*root)) {
            diagnostics_.error(include->at, "an included file cannot include others",
                               "name them in " + document_.main()->name);
        }
        merge_file(document_.root, std::move(*root), diagnostics_);
    }

    Document &document_;
    Diagnostics &diagnostics_;
    std::vector<std::string> seen_;
};

}  // namespace

const Source *Document::add_source(Source::Kind kind, std::string name, std::string text) {
    sources.push_back(std::make_unique<Source>(Source{kind, std::move(name), std::move(text)}));
    return sources.back().get();
}

const char *Document::environment(const char *name) const {
    const char *const text = name ? getenv(name) : nullptr;
    return text && *text ? text : nullptr;
}

void read_sources(const LoadRequest &request, Document &document, Diagnostics &diagnostics) {
    std::error_code ignored;
    document.directory = fs::absolute(request.path, ignored).parent_path().string();
    document.module_dir = fs::absolute(request.module_dir, ignored).string();
    Reader reader(document, diagnostics);
    reader.read_main(request.path);
    for (const std::string &text : request.overrides) reader.override_with(text);
}

}  // namespace wse::config
