// SPDX-License-Identifier: MIT
// Subjects: the topics and patterns of a shard that this host follows, and how far each topic is.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "attach.h"

namespace wse::backplane_redis {

// From kUnasked on to kLive, and back when something was missed.
struct Topic {
    enum class State {
        kUnasked,
        kAsked,
        kAnswered,  // told when everything up to the answer has been read
        kLive
    };
    State state = State::kUnasked;
    uint64_t asked = 0;    // the number of the question
    Place have = {};       // the last message that the server has, or none
    uint64_t most = 0;     // messages that are wanted
    Attached answer = {};  // kAnswered
    uint64_t round = 0;    // kAnswered: when it came
};

class Subjects {
public:
    bool empty() const { return topics_.empty() && patterns_.empty(); }
    size_t unasked() const { return unasked_.size(); }
    size_t size() const { return topics_.size() + patterns_.size(); }

    // Asked about anew when it is there already.
    void add_topic(const std::string &name, Place have, uint64_t most);
    void add_pattern(const std::string &name) { patterns_[name] = false; }
    void remove(const std::string &name);
    Topic *find(const std::string &name);
    bool has_pattern_of(std::string_view topic) const;

    // The next topic to ask about, which counts as asked with that number.
    std::optional<std::string> next_unasked(uint64_t number);
    void ask_again(const std::string &name);
    // Something was missed; patterns are to be told again. Not asked again are topics whose answer
    // reaches beyond what was missed.
    void ask_unanswered_again();
    // Likewise, and no answer holds.
    void ask_all_again();

    void answer(const std::string &name, Attached &&answer, uint64_t round);
    // The name of the topic with the earliest answer, and up to where that goes.
    struct Waiting {
        EntryId id;
        std::string name;
        uint64_t round;
    };
    std::optional<Waiting> first_waiting();
    // Up to where the answers know the shard, or none.
    EntryId last_waiting() const { return waiting_.empty() ? EntryId() : waiting_.rbegin()->first; }
    // Its answer has been told: it is live.
    void go_live(const std::string &name);

    std::optional<std::string> untold_pattern() const;
    void pattern_told(const std::string &name);
    const std::map<std::string, Topic> &topics() const { return topics_; }

private:
    std::map<std::string, Topic> topics_;
    std::map<std::string, bool> patterns_;         // told
    std::deque<std::string> unasked_;              // some may be asked, or gone
    std::multimap<EntryId, std::string> waiting_;  // some may be gone
};

}  // namespace wse::backplane_redis
