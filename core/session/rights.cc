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

Result<std::vector<std::string>> read_patterns(JsonView list, const std::string &name) {
    const Error malformed{WSE_EDENIED, name + ": not a list of patterns"};
    if (!list.is_array() || list.size() > kMaxPatterns) return malformed;
    std::vector<std::string> patterns;
    for (JsonView item = list.first(); item; item = item.next()) {
        const auto text = item.string();
        if (!text || text->empty() || text->size() > kMaxPatternBytes) return malformed;
        patterns.emplace_back(*text);
    }
    return patterns;
}

// `prefix` stands before the names in errors.
Result<TopicLists> read_lists(JsonView object, const std::string &prefix) {
    for (JsonView member = object.first(); member; member = member.next()) {
        if (member.name() != "allow" && member.name() != "deny")
            return Error{WSE_EDENIED, prefix + "has more than allow and deny"};
    }
    TopicLists lists;
    if (const JsonView allow = object["allow"]) {
        auto patterns = read_patterns(allow, prefix + "allow");
        if (!patterns) return patterns.error();
        lists.allow = std::move(*patterns);
    }
    if (const JsonView deny = object["deny"]) {
        auto patterns = read_patterns(deny, prefix + "deny");
        if (!patterns) return patterns.error();
        lists.deny = std::move(*patterns);
    }
    return lists;
}

}  // namespace

bool TokenTopics::denies(std::string_view topic) const {
    return matches_any(deny, topic);
}

bool TokenTopics::grants(std::string_view topic) const {
    return !denies(topic) && (!has_allow || matches_any(allow, topic));
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
    auto lists = read_lists(claim, "wse_topics.");
    if (!lists) return lists.error();
    topics.has_allow = lists->allow.has_value();
    topics.allow = std::move(lists->allow).value_or(std::vector<std::string>());
    topics.deny = std::move(lists->deny).value_or(std::vector<std::string>());
    return topics;
}

Result<TopicLists> parse_topic_lists(std::string_view json) {
    auto document = JsonDocument::parse(json);
    if (!document) return document.error();
    if (!document->root().is_object()) return Error{WSE_EINVAL, "not an object"};
    return read_lists(document->root(), "");
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

const config::TopicRow *Rights::row_of(std::string_view topic) const {
    const auto row =
        std::find_if(rows_.begin(), rows_.end(), [&](const config::TopicRow &candidate) {
            return match_for_user(candidate.match, identity_.user, topic);
        });
    return row == rows_.end() ? nullptr : &*row;
}

// May the row be about a topic of the pattern? Perhaps another one above it takes them all.
bool Rights::may_concern(const config::TopicRow &row, std::string_view pattern) const {
    const bool about_user = row.match.find(kUser) != std::string::npos;
    if (about_user && identity_.user.empty()) return false;
    return globs_intersect(substitute_user(row.match, identity_.user), pattern);
}

bool Rights::may(module::Action action, std::string_view topic) const {
    if (action == module::Action::kSubscribe && is_granted(topic)) return true;
    const config::TopicRow *const row = row_of(topic);
    if (!row) return false;
    if (!(action == module::Action::kSubscribe ? row->subscribe : row->publish)) return false;
    if (!token_topics_.grants(topic)) return false;
    return !authenticator_ || authenticator_->authorize(identity_, action, topic);
}

bool Rights::may_receive(std::string_view topic) const {
    const auto brings = [topic](const std::string &granted) { return glob_match(granted, topic); };
    const bool is_brought = !granted_.empty() && !token_topics_.denies(topic) &&
                            std::any_of(granted_.begin(), granted_.end(), brings);
    return is_brought || may(module::Action::kSubscribe, topic);
}

bool Rights::may_subscribe_pattern(std::string_view pattern) const {
    if (is_granted(pattern)) return true;
    const bool some = std::any_of(rows_.begin(), rows_.end(), [&](const config::TopicRow &row) {
        return row.subscribe && may_concern(row, pattern);
    });
    return some && token_topics_.may_grant_some(pattern);
}

std::set<std::string_view> Rights::judges(module::Action action, std::string_view name) const {
    const auto asks = [action](const config::TopicRow &row) {
        return action == module::Action::kSubscribe ? row.subscribe && row.ask_subscribe
                                                    : row.publish && row.ask_publish;
    };
    std::set<std::string_view> found;
    if (!is_pattern(name)) {
        const config::TopicRow *const row = row_of(name);
        if (row && asks(*row)) found.insert(row->ask);
        return found;
    }
    for (const config::TopicRow &row : rows_) {
        if (asks(row) && may_concern(row, name)) found.insert(row.ask);
    }
    return found;
}

bool Rights::grant(const std::string &topic_or_pattern) {
    if (token_topics_.denies(topic_or_pattern)) return false;
    granted_.insert(topic_or_pattern);
    return true;
}

bool Rights::is_granted(std::string_view topic_or_pattern) const {
    return granted_.contains(topic_or_pattern) && !token_topics_.denies(topic_or_pattern);
}

void Rights::set_lists(TopicLists lists) {
    apply(lists);
    if (lists.allow) {
        std::erase_if(granted_, [this](const std::string &granted) {
            return !matches_any(token_topics_.allow, granted);
        });
        lists_.allow = std::move(lists.allow);
    }
    if (lists.deny) lists_.deny = std::move(lists.deny);
}

void Rights::apply(const TopicLists &lists) {
    if (lists.allow) {
        token_topics_.has_allow = true;
        token_topics_.allow = *lists.allow;
    }
    if (lists.deny) token_topics_.deny = *lists.deny;
}

void Rights::take_over(Rights &before) {
    lists_ = std::move(before.lists_);
    granted_ = std::move(before.granted_);
    apply(lists_);
}

}  // namespace wse::session
