// SPDX-License-Identifier: MIT
// Regular expressions of strangers: matched in linear time, in bounded memory, and not many of
// them.
#pragma once

#include <re2/re2.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "options.h"

namespace wse::event_filter {

class Patterns;

// One of max_patterns, given back whatever becomes of the pattern.
struct GiveBack {
    void operator()(Patterns *patterns) const;
};
using Place = std::unique_ptr<Patterns, GiveBack>;

class Pattern {
public:
    Pattern(Place place, const std::string &text, const re2::RE2::Options &options)
        : place_(std::move(place)), expression_(text, options) {}

    // Somewhere in the text. A text over max_text is not looked at.
    bool matches(std::string_view text) const;
    bool ok() const { return expression_.ok(); }

private:
    const Place place_;
    const re2::RE2 expression_;
};

// Those of all loops. Any thread.
class Patterns {
public:
    // The config outlives it.
    explicit Patterns(const Config &config) : config_(config) {}

    // Null: `problem` says why.
    std::unique_ptr<Pattern> compile(const std::string &text, std::string &problem);

private:
    friend class Pattern;
    friend struct GiveBack;
    const Config &config_;
    std::atomic<int64_t> count_{0};
};

}  // namespace wse::event_filter
