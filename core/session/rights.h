// SPDX-License-Identifier: MIT
// What one session may do. A right needs all of: the first matching [[topic]] row grants it, the
// token's `wse_topics` grants it where the token has one, the list that the application has set
// grants it where there is one, the auth module's `authorize` grants it where the module has one. A
// deny anywhere wins, and nothing matching is a deny.
#pragma once

#include <memory>
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

    bool grants(std::string_view topic) const;
    bool may_grant_some(std::string_view pattern) const;
};

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

    // What the application says beside the token: both must grant.
    void set_acl(TokenTopics acl) { acl_ = std::move(acl); }

    bool may(module::Action action, std::string_view topic) const;
    // May there be topics in the pattern that the session may subscribe? What it then receives is
    // decided topic by topic: a right to a pattern as such would lead around every deny.
    bool may_subscribe_pattern(std::string_view pattern) const;

private:
    const std::vector<config::TopicRow> &rows_;
    const module::Identity &identity_;
    TokenTopics token_topics_;
    TokenTopics acl_;
    module::Authenticator *authenticator_;
};

}  // namespace wse::session
