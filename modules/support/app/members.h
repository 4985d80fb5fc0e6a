// SPDX-License-Identifier: MIT
// The members of a JSON object that an application sent. Views point into its text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "json_text/json_text.h"

namespace wse::app {

class Members {
public:
    // False for what is no JSON object, has too many members, or one name twice: two readers of it
    // might believe different ones.
    bool read(std::string_view text);

    // As written; empty when there is none. Names are plain ASCII, and looked for as they are
    // written.
    std::string_view raw(std::string_view name) const;
    const std::vector<json_text::Member> &all() const { return members_; }

    // False when there is none of this type. What may be missing is left as it was; so is null.
    bool text(std::string_view name, std::string &ret) const;
    bool text_or_nothing(std::string_view name, std::string &ret) const;
    bool number_or_nothing(std::string_view name, uint64_t &ret) const;
    bool flag_or_nothing(std::string_view name, bool &ret) const;
    bool texts_or_nothing(std::string_view name, size_t max, std::vector<std::string> &ret) const;
    // As written; empty when it is null, too.
    std::string_view raw_or_nothing(std::string_view name) const {
        return is_nothing(name) ? std::string_view() : raw(name);
    }

private:
    bool is_nothing(std::string_view name) const;

    std::vector<json_text::Member> members_;
};

// A string as it stands in JSON, with its quotes. False when it is something else.
bool text_of_json(std::string_view json, std::string &ret);

}  // namespace wse::app
