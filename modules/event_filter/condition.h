// SPDX-License-Identifier: MIT
// The operators: what one value has to be.
#pragma once

#include <cjson/cJSON.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "options.h"
#include "patterns.h"
#include "view.h"

namespace wse::event_filter {

class Condition {
public:
    // `name` is that of an operator, "$gt", and `operand` what stands behind it. Null: `problem`
    // says in one sentence what is wrong with it.
    static std::unique_ptr<Condition> make(std::string_view name, const cJSON *operand,
                                           Patterns &patterns, std::string &problem);

    // Null: there is no value.
    bool holds_for(const cJSON *value) const;

private:
    using Test = bool (*)(const Condition &, const cJSON *value);
    struct Operator;
    static const Operator kOperators[];

    const cJSON *operand() const { return operand_.get(); }

    Test test_ = nullptr;
    Tree operand_;
    std::unique_ptr<Pattern> pattern_;
};

}  // namespace wse::event_filter
