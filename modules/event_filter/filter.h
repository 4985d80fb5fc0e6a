// SPDX-License-Identifier: MIT
// The criteria of one subscription as a tree: conditions, and how they are joined.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "condition.h"
#include "options.h"
#include "view.h"

namespace wse::event_filter {

class Filter {
public:
    // A JSON object. Null: `problem` says in one sentence what is wrong with it.
    static std::unique_ptr<Filter> compile(std::string_view criteria, const Config &config,
                                           Patterns &patterns, std::string &problem);

    bool takes(const View &view) const { return root_.holds_for(view); }

private:
    friend class Compiler;

    struct Node {
        enum class Join : uint8_t {
            kAll,
            kAny,
            kNone
        } join = Join::kAll;  // kNone: not any of them
        Path path = {};       // of the conditions
        std::vector<std::unique_ptr<Condition>> conditions = {};
        std::vector<Node> nodes = {};

        bool holds_for(const View &view) const;
    };

    Node root_;
};

}  // namespace wse::event_filter
