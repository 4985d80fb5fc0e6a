// SPDX-License-Identifier: MIT
#include "config/expand.h"

#include <algorithm>
#include <optional>

namespace wse::config {
namespace {

constexpr size_t kMaxExpanded = 64 * 1024;

bool is_name(std::string_view name) {
    if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
    return std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               c == '_';
    });
}

// Where the nth '$' of a string stands in its source. Escapes shift columns, so it is looked up
// there; a dollar written as an escape is not found and the string's own place has to do.
Location place_of_dollar(const Value &value, size_t nth) {
    if (!value.at.source) return value.at;
    Location at{value.at.source, 1, 1};
    for (const char c : value.at.source->text) {
        const bool begun =
            at.line > value.at.line || (at.line == value.at.line && at.column >= value.at.column);
        if (begun && c == '$' && nth-- == 0) return at;
        if (c == '\n') {
            ++at.line;
            at.column = 1;
        } else if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) {
            ++at.column;
        }
    }
    return value.at;
}

class Expander {
public:
    Expander(const Value &value, const Getenv &getenv, Diagnostics &diagnostics)
        : value_(value), getenv_(getenv), diagnostics_(diagnostics), rest_(value.text) {}

    std::string run() {
        std::string out;
        while (!rest_.empty()) {
            const size_t dollar = std::min(rest_.find('$'), rest_.size());
            out += rest_.substr(0, dollar);
            rest_.remove_prefix(dollar);
            if (!rest_.empty()) out += one();
        }
        if (out.size() > kMaxExpanded) {
            diagnostics_.error(value_.at, "the string is longer than 64 KiB after its variables");
            out.clear();
        }
        return out;
    }

private:
    // What `rest_` begins with: "$$", "${...}", or a dollar that means itself.
    std::string one() {
        const size_t dollar = seen_++;
        if (rest_.substr(0, 2) == "$$") {
            ++seen_;
            rest_.remove_prefix(2);
            return "$";
        }
        if (rest_.substr(0, 2) != "${") {
            rest_.remove_prefix(1);
            return "$";
        }
        const size_t end = rest_.find('}');
        if (end == std::string_view::npos) {
            fail(dollar, "'${' without '}'", "write $$ for a dollar");
            rest_ = {};
            return {};
        }
        const std::string_view inside = rest_.substr(2, end - 2);
        seen_ += static_cast<size_t>(std::count(inside.begin(), inside.end(), '$'));
        rest_.remove_prefix(end + 1);
        return variable(inside, dollar);
    }

    std::string variable(std::string_view inside, size_t dollar) {
        const size_t separator = inside.find(":-");
        const std::string name(inside.substr(0, separator));
        if (!is_name(name)) {
            fail(dollar, "'" + name + "' is not the name of an environment variable",
                 "write ${NAME} or ${NAME:-default}, or $$ for a dollar");
            return {};
        }
        const char *const set = getenv_(name.c_str());
        const bool has_default = separator != std::string_view::npos;
        if (has_default && (!set || !*set)) return std::string(inside.substr(separator + 2));
        if (set) return set;
        fail(dollar, "environment variable " + name + " is not set",
             "set it, or give a default: ${" + name + ":-value}");
        return {};
    }

    void fail(size_t dollar, std::string message, std::string hint) {
        diagnostics_.error(place_of_dollar(value_, dollar), std::move(message), std::move(hint));
    }

    const Value &value_;
    const Getenv &getenv_;
    Diagnostics &diagnostics_;
    std::string_view rest_;
    size_t seen_ = 0;  // dollars so far
};

}  // namespace

void expand(Value &value, const Getenv &getenv, Diagnostics &diagnostics) {
    if (value.kind == Kind::kString && value.text.find('$') != std::string::npos) {
        const size_t errors = diagnostics.error_count();
        value.text = Expander(value, getenv, diagnostics).run();
        value.broken = diagnostics.error_count() != errors;
    }
    for (Value &item : value.items) expand(item, getenv, diagnostics);
    for (Member &member : value.members) expand(member.value, getenv, diagnostics);
}

}  // namespace wse::config
