// SPDX-License-Identifier: MIT
#include "session/rights.h"

#include <algorithm>

#include "base/glob.h"
#include "base/json.h"

namespace wse::session {
namespace {

constexpr std::string_view kUser = "{sub}";
constexpr size_t kMaxPatterns = 1000;  // in one list of a token
constexpr size_t kMaxPatternBytes = 1024;

// Bytes that no topic and no user can contain, in the place of `*` and `?`.
constexpr char kAnyRun = '\x01';
constexpr char kAnyByte = '\x02';

bool matches_any(const std::vector<std::string> &patterns, std::string_view topic) {
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const std::string &pattern) { return glob_match(pattern, topic); });
}

Result<std::vector<std::string>> read_patterns(JsonView list, const char *name) {
    const Error malformed{WSE_EDENIED,
                          std::string("wse_topics.") + name + ": not a list of patterns"};
    if (!list.is_array() || list.size() > kMaxPatterns) return malformed;
    std::vector<std::string> patterns;
    for (JsonView item = list.first(); item; item = item.next()) {
        const auto text = item.string();
        if (!text || text->empty() || text->size() > kMaxPatternBytes) return malformed;
        patterns.emplace_back(*text);
    }
    return patterns;
}

}  // namespace

bool TokenTopics::grants(std::string_view topic) const {
    return !matches_any(deny, topic) && (!has_allow || matches_any(allow, topic));
}

bool TokenTopics::may_grant_some(std::string_view pattern) const {
    return !has_allow || std::any_of(allow.begin(), allow.end(), [&](const std::string &allowed) {
        return globs_intersect(allowed, pattern);
    });
}

Result<TokenTopics> parse_token_topics(std::string_view claims) {
    TokenTopics topics;
    if (claims.empty()) return topics;
    auto document = JsonDocument::parse(claims);
    if (!document) return document.error();
    const JsonView claim = document->root()["wse_topics"];
    if (!claim) return topics;
    if (!claim.is_object()) return Error{WSE_EDENIED, "wse_topics: not an object"};
    for (JsonView member = claim.first(); member; member = member.next()) {
        if (member.name() != "allow" && member.name() != "deny")
            return Error{WSE_EDENIED, "wse_topics: has more than allow and deny"};
    }
    if (const JsonView allow = claim["allow"]) {
        auto patterns = read_patterns(allow, "allow");
        if (!patterns) return patterns.error();
        topics.has_allow = true;
        topics.allow = std::move(*patterns);
    }
    if (const JsonView deny = claim["deny"]) {
        auto patterns = read_patterns(deny, "deny");
        if (!patterns) return patterns.error();
        topics.deny = std::move(*patterns);
    }
    return topics;
}

std::string substitute_user(std::string_view pattern, std::string_view user) {
    std::string out;
    for (size_t at = 0; at < pattern.size();) {
        if (pattern.substr(at, kUser.size()) == kUser) {
            out += user;
            at += kUser.size();
        } else {
            out += pattern[at++];
        }
    }
    return out;
}

bool match_for_user(std::string_view pattern, std::string_view user, std::string_view topic) {
    if (pattern.find(kUser) == std::string_view::npos) return glob_match(pattern, topic);
    if (user.empty()) return false;
    // The wildcards are replaced first, so that a `*` in the user's name stays a letter.
    std::string wildcards(pattern);
    std::replace(wildcards.begin(), wildcards.end(), '*', kAnyRun);
    std::replace(wildcards.begin(), wildcards.end(), '?', kAnyByte);
    return glob_match(substitute_user(wildcards, user), topic, kAnyRun, kAnyByte);
}

Rights::Rights(const std::vector<config::TopicRow> &rows, const module::Identity &identity,
               TokenTopics token_topics, module::Authenticator *authenticator)
    : rows_(rows),
      identity_(identity),
      token_topics_(std::move(token_topics)),
      authenticator_(authenticator) {}

bool Rights::may(module::Action action, std::string_view topic) const {
    const auto row =
        std::find_if(rows_.begin(), rows_.end(), [&](const config::TopicRow &candidate) {
            return match_for_user(candidate.match, identity_.user, topic);
        });
    if (row == rows_.end()) return false;
    if (!(action == module::Action::kSubscribe ? row->subscribe : row->publish)) return false;
    if (!token_topics_.grants(topic) || !acl_.grants(topic)) return false;
    return !authenticator_ || authenticator_->authorize(identity_, action, topic);
}

bool Rights::may_subscribe_pattern(std::string_view pattern) const {
    const bool some = std::any_of(rows_.begin(), rows_.end(), [&](const config::TopicRow &row) {
        const bool about_user = row.match.find(kUser) != std::string::npos;
        if (!row.subscribe || (about_user && identity_.user.empty())) return false;
        return globs_intersect(substitute_user(row.match, identity_.user), pattern);
    });
    return some && token_topics_.may_grant_some(pattern) && acl_.may_grant_some(pattern);
}

}  // namespace wse::session
