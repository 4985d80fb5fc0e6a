// SPDX-License-Identifier: MIT
#include <algorithm>

#include "base/glob.h"
#include "base/utf8.h"
#include "config/check.h"
#include "config/shape.h"

namespace wse::config {
namespace {

constexpr std::string_view kSub = "{sub}";

// Does the first pattern take every topic that the second takes? Sure only for stars, which also
// match the signs of a pattern; '?' would match a star that stands for more.
bool covers(const std::string &first, const std::string &second) {
    if (first == second) return true;
    return first.find('?') == std::string::npos && glob_match(first, second);
}

}  // namespace

std::string topic_complaint(const std::string &pattern) {
    if (pattern.empty()) return "the topic is empty";
    if (!is_utf8(pattern)) return "the topic is not valid UTF-8";
    const bool blank = std::any_of(pattern.begin(), pattern.end(), [](char c) {
        return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f;
    });
    if (blank) return '\'' + pattern + "' contains a blank or control character";
    for (size_t at = pattern.find_first_of("{}"); at != std::string::npos;
         at = pattern.find_first_of("{}", at)) {
        if (pattern.compare(at, kSub.size(), kSub) != 0) {
            return '\'' + pattern + "' has a brace that is not part of {sub}";
        }
        at += kSub.size();
    }
    return {};
}

void check_topics(const Document &document, Diagnostics &diagnostics) {
    const std::vector<Instance> rows = instances_of(document, section("topic"));
    const std::vector<TopicRow> &topics = document.settings.topics;
    const auto match_at = [&](size_t i) {
        return place_of_key(rows[i].table, "match", rows[i].at);
    };
    for (size_t i = 0; i < topics.size(); ++i) {
        const std::string &match = topics[i].match;
        if (match.empty() && !is_given_empty(rows[i].table, "match")) continue;
        if (std::string why = topic_complaint(match); !why.empty()) {
            diagnostics.error(match_at(i), "topic.match: " + why,
                              match.find('{') == std::string::npos
                                  ? std::string()
                                  : "{sub}, the client's user, is the only placeholder");
            continue;
        }
        if (match.find("**") != std::string::npos) {
            diagnostics.warning(match_at(i),
                                "topic.match: '**' means the same as '*', which takes any text");
        }
        for (size_t above = 0; above < i; ++above) {
            if (topics[above].match.empty() || !covers(topics[above].match, match)) continue;
            diagnostics.warning(match_at(i),
                                "topic.match: '" + match + "' is never reached, '" +
                                    topics[above].match + "' at " + describe(match_at(above)) +
                                    " matches first",
                                "the first row that matches counts: move this one up");
            break;
        }
    }
}

}  // namespace wse::config
