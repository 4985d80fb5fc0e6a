// SPDX-License-Identifier: MIT
// What is wrong with a configuration: every problem, each with its place, the line and a caret.
//     /etc/wse/wse.toml:12:1: unknown key 'max_conections' in [limits]
//         max_conections = 10
//         ^
//         did you mean 'max_connections'?
// [main]
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace wse::config {

// A text that values come from.
struct Source {
    enum class Kind : uint8_t { kFile, kEnvironment, kOverride };
    Kind kind = Kind::kFile;
    std::string name;  // path of the file, "environment", "-g"
    std::string text;
};

// A place in a source, which somebody else keeps. Lines and columns count from 1, columns in
// characters. Line 0: the source as a whole. No source: the configuration as a whole.
struct Location {
    const Source *source = nullptr;
    uint32_t line = 0;
    uint32_t column = 0;
};

// "wse.toml:3:7", for a message that names a second place.
std::string describe(const Location &at);

enum class Severity : uint8_t { kError, kWarning };

struct Diagnostic {
    Severity severity = Severity::kError;
    std::string file;
    uint32_t line = 0;
    uint32_t column = 0;
    std::string message;
    std::string source_line;  // empty when there is none
    std::string hint;         // empty when there is none

    // As above, with a newline at the end of each line.
    std::string render() const;
};

// Copies what it needs, so it may outlive the sources.
class Diagnostics {
public:
    // Beyond this many problems more are only counted.
    static constexpr size_t kLimit = 200;

    void error(const Location &at, std::string message, std::string hint = {});
    void warning(const Location &at, std::string message, std::string hint = {});

    // A secret stands on that line: it is shown up to its first '=' only, also where it has been
    // reported before.
    void hide_line(const Location &at);

    // No error so far; warnings do not count.
    bool ok() const { return errors_ == 0; }
    size_t error_count() const { return errors_; }
    // In the order of the places within a file.
    const std::vector<Diagnostic> &items() const { return items_; }
    // All of them.
    std::string render() const;

private:
    void add(Severity severity, const Location &at, std::string message, std::string hint);

    // A line by its text too: each -g is line 1 of "-g".
    struct HiddenLine {
        std::string file;
        uint32_t line = 0;
        std::string text;
        bool operator==(const HiddenLine &) const = default;
    };

    std::vector<Diagnostic> items_;
    std::vector<HiddenLine> hidden_;
    size_t errors_ = 0;
    size_t unlisted_ = 0;
};

}  // namespace wse::config
