// SPDX-License-Identifier: MIT
// Looking at option tables: rows in steps of the module's own row size, what each type needs.
#pragma once

#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <wse/module.h>

#include "config/bind.h"
#include "config/tree.h"

namespace wse::config {

inline constexpr uint32_t kAllOptionFlags =
    WSE_OPT_F_REQUIRED | WSE_OPT_F_SECRET | WSE_OPT_F_AUTO | WSE_OPT_F_PATH;

// STRINGS of the core's tables alone: a single text stands for a list of it.
inline constexpr uint32_t kOneOrMore = 1u << 31;

// The rows of a table, for a range-for. Only the part that this server knows is looked at.
class Rows {
public:
    explicit Rows(const OptionTable &table) : table_(table) {}

    class Iterator {
    public:
        Iterator(const std::byte *row, uint32_t step) : row_(row), step_(step) {}
        const wse_option &operator*() const { return *reinterpret_cast<const wse_option *>(row_); }
        Iterator &operator++() {
            row_ += step_;
            return *this;
        }
        bool operator!=(std::default_sentinel_t) const { return row_ && (**this).name; }

    private:
        const std::byte *row_;
        uint32_t step_;
    };

    Iterator begin() const {
        return {reinterpret_cast<const std::byte *>(table_.rows), table_.row_size};
    }
    static std::default_sentinel_t end() { return {}; }

private:
    OptionTable table_;
};

// The row's words of `choices`.
std::vector<std::string> words_of(const wse_option &option);

// Options of the core may stand in a table inside of their section: "history.messages" is the key
// `messages` in the group `history`. A module's names have no dot, and so no group.
std::string_view group_of(const wse_option &option);
std::string_view key_of(const wse_option &option);
// The keys that may stand in the section itself, a group being one; or in a group.
std::vector<std::string> keys_of(const OptionTable &table, std::string_view group = {});

// Size and alignment of the member; 0 for a type that does not exist.
size_t member_size(wse_option_type type);
size_t member_alignment(wse_option_type type);

// "a whole number", "a duration like \"5s\"": what the option wants.
std::string expectation(const wse_option &option);
// "string", "duration": its type in a word, as the manual has it.
const char *type_word(wse_option_type type);
// A bound as it would be written in the file: "5s", "64k", "3".
std::string written(const wse_option &option, int64_t bound);
// " is not between 1s and 1h", with the bounds as they would be written; empty without bounds.
std::string bounds_text(const wse_option &option);

// A text that is not TOML by itself, as the value it would be in the file: from a fallback, or from
// the environment, where a bare number in a duration counts seconds and a list has commas.
Value value_of_fallback(const wse_option &option);
Value value_of_environment(const wse_option &option, const std::string &text, const Location &at);

}  // namespace wse::config
