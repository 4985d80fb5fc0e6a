// SPDX-License-Identifier: MIT
// The members of an object with the names that they mean, however those are escaped.
#pragma once

#include <forward_list>
#include <string>
#include <string_view>
#include <vector>

#include "json_text/json_text.h"

namespace wse::event_map {

class Members {
public:
    struct Member {
        std::string_view name;     // as it is compared
        std::string_view written;  // as it goes out, between the quotes
        std::string_view value;    // as written
    };

    Members() = default;
    Members(const Members &) = delete;
    Members &operator=(const Members &) = delete;

    // Once. The text is borrowed, as in json_text::members_of(). False: there are none.
    bool read(std::string_view text);

    // The value as written; empty when there is no such member.
    std::string_view find(std::string_view name) const;

    std::vector<Member>::const_iterator begin() const { return members_.begin(); }
    std::vector<Member>::const_iterator end() const { return members_.end(); }

private:
    std::vector<Member> members_;
    std::forward_list<std::string> decoded_;  // names with escapes; they stay where they are
};

}  // namespace wse::event_map
