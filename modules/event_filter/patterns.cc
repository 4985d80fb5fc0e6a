// SPDX-License-Identifier: MIT
#include "patterns.h"

namespace wse::event_filter {

void GiveBack::operator()(Patterns *patterns) const {
    --patterns->count_;
}

bool Pattern::matches(std::string_view text) const {
    if (text.size() > static_cast<size_t>(place_->config_.max_text)) return false;
    return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), expression_);
}

std::unique_ptr<Pattern> Patterns::compile(const std::string &text, std::string &problem) {
    if (text.size() > static_cast<size_t>(config_.max_pattern)) {
        problem = "$regex: longer than " + std::to_string(config_.max_pattern) + " bytes";
        return nullptr;
    }
    if (++count_ > config_.max_patterns) {
        --count_;
        problem = "$regex: the server holds too many for now";
        return nullptr;
    }
    Place place(this);
    re2::RE2::Options options(re2::RE2::Quiet);
    options.set_max_mem(config_.pattern_memory);
    auto pattern = std::make_unique<Pattern>(std::move(place), text, options);
    if (pattern->ok()) return pattern;
    problem = "$regex: not a regular expression, or a costly one";
    return nullptr;
}

}  // namespace wse::event_filter
