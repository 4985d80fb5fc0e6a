// SPDX-License-Identifier: MIT
// Everything that is looked at and tried.
#pragma once

#include "base/result.h"
#include "report.h"
#include "subject.h"

namespace wse::check {

// Without running its code: option table and exported symbols.
void check_file(const Subject &subject, Report &report);

// Its life, questions, and memory that runs out. Each trial may take so many seconds. The error: it
// does not come to life with these options, so nothing else can be tried.
Result<void> check_behaviour(const Subject &subject, int seconds, Report &report);

}  // namespace wse::check
