// SPDX-License-Identifier: MIT
// What one session may do. A right needs all of: the first matching [[topic]] row grants it, the
// token's `wse_topics` grants it where the token has one, the auth module's `authorize` grants it
// where the module has one. A deny anywhere wins, and nothing matching is a deny. What a backend
// subscribes a session to needs none of it, but that no deny list names it.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/settings.h"
#include "module/auth.h"

namespace wse::session {

// The `wse_topics` claim: {"allow":[pattern…],"deny":[pattern…]}, either may be absent.
struct TokenTopics {
    bool has_allow = false;  // an allow list, even an empty one, admits only what it names
    std::vector<std::string> allow;
    std::vector<std::string> deny;

    bool denies(std::string_view topic) const;
    bool grants(std::string_view topic) const;
    bool may_grant_some(std::string_view pattern) const;
};

// Lists of a session's topics as they are set; one that is absent stays as it was.
struct TopicLists {
    std::optional<std::vector<std::string>> allow = {};
    std::optional<std::vector<std::string>> deny = {};
};
// {"allow":[pattern…],"deny":[pattern…]} and nothing else. An error names the list.
Result<TopicLists> parse_topic_lists(std::string_view json);

// Absent claims or no `wse_topics` in them: everything is granted here. Malformed: an error, and
// the session must be refused.
Result<TokenTopics> parse_token_topics(std::string_view claims);

// Pattern match with `{sub}` standing for the user, literally; without a user it matches nothing.
bool match_for_user(std::string_view pattern, std::string_view user, std::string_view topic);

// `{sub}` replaced by the user.
std::string substitute_user(std::string_view pattern, std::string_view user);

class Rights {
public:
    // All arguments but the last two outlive it; `authenticator` may be null.
    Rights(const std::vector<config::TopicRow> &rows, const module::Identity &identity,
           TokenTopics token_topics, module::Authenticator *authenticator);

    bool may(module::Action action, std::string_view topic) const;
    // What comes through patterns. One that the backend has granted brings its topics, but lets the
    // session subscribe none of them by itself: that would outlast the grant.
    bool may_receive(std::string_view topic) const;
    // The applications that have to agree as well, by name; what is granted under a pattern was
    // asked about as the pattern.
    std::set<std::string_view> judges(module::Action action, std::string_view name) const;
    // May there be topics in the pattern that the session may subscribe? What it then receives is
    // decided topic by topic: a right to a pattern as such would lead around every deny.
    bool may_subscribe_pattern(std::string_view pattern) const;

    // The backend's word, which holds against everything but a deny. False: one denies it.
    bool grant(const std::string &topic_or_pattern);
    // False: there was none.
    bool take_back(const std::string &topic_or_pattern) {
        return granted_.erase(topic_or_pattern) > 0;
    }
    // In the place of the token's, also of one that comes later. What was granted before and is not
    // in a new allow list is so no more.
    void set_lists(TopicLists lists);
    // What the backend has said of the session under its token before.
    void take_over(Rights &before);

private:
    const config::TopicRow *row_of(std::string_view topic) const;
    bool may_concern(const config::TopicRow &row, std::string_view pattern) const;
    bool is_granted(std::string_view topic_or_pattern) const;
    void apply(const TopicLists &lists);

    const std::vector<config::TopicRow> &rows_;
    const module::Identity &identity_;
    TokenTopics token_topics_;
    module::Authenticator *authenticator_;
    TopicLists lists_;                            // that the backend has set
    std::set<std::string, std::less<>> granted_;  // topics and patterns
};

}  // namespace wse::session
