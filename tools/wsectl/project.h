// SPDX-License-Identifier: MIT
// A new module's project, made from the templates of wse-dev.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace wse::ctl {

struct ProjectPlan {
    std::string kind, name;
    std::string language;   // "c" or "c++"
    std::string directory;  // made when it is not there; its parent must be
};

// Where this wsectl's templates are: beside the program, in the build tree as where it is
// installed. The error says what to install.
Result<std::string> template_directory();

// Names of the files that were written, in `plan.directory`. None is written when one is there
// already, or when the plan is wrong.
Result<std::vector<std::string>> write_project(const ProjectPlan &plan,
                                               const std::string &templates);

// `text` with each @WORD@ that `values` has replaced; what a value brings in is filled too, once.
std::string fill_template(std::string_view text,
                          const std::map<std::string, std::string, std::less<>> &values);

}  // namespace wse::ctl
