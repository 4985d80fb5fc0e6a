// SPDX-License-Identifier: MIT
#include <algorithm>
#include <string>
#include <vector>

#include "base/glob.h"
#include "base/utf8.h"
#include "config/check.h"
#include "config/option.h"
#include "config/shape.h"
#include "config/suggest.h"

namespace wse::config {
namespace {

constexpr std::string_view kSub = "{sub}";

// Does the first pattern take every topic that the second takes? Sure only for stars, which also
// match the signs of a pattern; '?' would match a star that stands for more.
bool covers(const std::string &first, const std::string &second) {
    if (first == second) return true;
    return first.find('?') == std::string::npos && glob_match(first, second);
}

// The settings of one [[topic]].
class SettingsCheck {
public:
    SettingsCheck(const Document &document, const TopicRow &row, const Instance &instance,
                  Diagnostics &diagnostics)
        : document_(document), row_(row), instance_(instance), diagnostics_(diagnostics) {}

    void run() const {
        check_slow();
        check_key();
        if (!row_.snapshot.empty()) check_module("snapshot", row_.snapshot);
        if (!row_.ask.empty()) check_module("ask", row_.ask);
        check_ask_for();
    }

private:
    Location at(const char *key) const { return place_of_key(instance_.table, key, instance_.at); }

    // What a syntax error took away is not missing.
    bool is_missing(const char *key) const {
        return document_.complete && !instance_.table->find(key);
    }

    // Not one of its words: that was reported, and what would follow from it is not known.
    bool is_refused(const char *key) const {
        const Member *const member = instance_.table->find(key);
        if (!member) return false;
        for (const wse_option &option : Rows(section("topic").table)) {
            if (option.name != std::string_view(key)) continue;
            const std::vector<std::string> words = words_of(option);
            return std::find(words.begin(), words.end(), member->value.text) == words.end();
        }
        return false;
    }

    void check_slow() const {
        if (row_.slow == Slow::kPause && is_missing("history")) {
            diagnostics_.error(at("slow"), "topic.slow: pause needs a history to go on from",
                               "give the row one: history = { messages = 1000 }");
        }
        const bool lossy = row_.slow == Slow::kDropOldest || row_.slow == Slow::kDropLowest ||
                           row_.slow == Slow::kConflate;
        if (lossy && row_.history) {
            diagnostics_.warning(at("slow"),
                                 "topic.slow: with dropped messages the history is of no use: they "
                                 "are sent unstamped, and clients cannot recover",
                                 "write pause or disconnect, or take the history away");
        }
    }

    void check_key() const {
        const bool by_key = row_.retain == Retain::kLastByKey;
        if (by_key && (is_missing("key") || is_given_empty(instance_.table, "key"))) {
            diagnostics_.error(at("retain"), "topic.retain: last_by_key needs a key",
                               "add key = \"...\", the member of the payload that is the key");
        }
        const bool used = by_key || row_.slow == Slow::kConflate;
        if (row_.key.empty() || used || is_refused("retain") || is_refused("slow")) return;
        diagnostics_.warning(at("key"), "topic.key: nothing uses it",
                             "it is for retain = \"last_by_key\" and slow = \"conflate\"");
    }

    // Of which kind the module is, is known when it is loaded.
    void check_module(const std::string &key, const std::string &name) const {
        std::vector<std::string> names;
        for (const ModuleEntry &entry : document_.settings.modules) names.push_back(entry.name);
        if (std::find(names.begin(), names.end(), name) != names.end()) return;
        const auto meant = nearest(name, names);
        diagnostics_.error(at(key.c_str()), "topic." + key + ": there is no [module." + name + ']',
                           meant ? "did you mean '" + *meant + "'?" : std::string());
    }

    void check_ask_for() const {
        const Member *const given = instance_.table->find("ask_for");
        if (!given || given->value.kind != Kind::kArray) return;
        const std::vector<Value> &items = given->value.items;
        for (size_t i = 0; i < items.size(); ++i) {
            const std::string &word = items[i].text;
            if (items[i].kind != Kind::kString || word == "subscribe" || word == "publish")
                continue;
            const std::string words[] = {"subscribe", "publish"};
            const auto meant = nearest(word, words);
            diagnostics_.error(place_of_item(instance_.table, "ask_for", i, instance_.at),
                               "topic.ask_for: '" + word + "' is neither subscribe nor publish",
                               meant ? "did you mean '" + *meant + "'?" : std::string());
        }
        if (items.empty() && !row_.ask.empty())
            diagnostics_.error(at("ask_for"), "topic.ask_for: it is empty, so nothing is asked",
                               "leave it away to ask about both, or take `ask` away");
        if (is_missing("ask"))
            diagnostics_.warning(at("ask_for"), "topic.ask_for: nothing uses it",
                                 "name the application that is asked with ask = \"...\"");
    }

    const Document &document_;
    const TopicRow &row_;
    const Instance &instance_;
    Diagnostics &diagnostics_;
};

// Which topics a row is about, and whether it is about any.
class MatchCheck {
public:
    MatchCheck(const std::vector<TopicRow> &topics, const std::vector<Instance> &rows,
               Diagnostics &diagnostics)
        : topics_(topics), rows_(rows), diagnostics_(diagnostics) {}

    void run(size_t i) const {
        const std::string &match = topics_[i].match;
        if (match.empty() && !is_given_empty(rows_[i].table, "match")) return;
        if (std::string why = topic_complaint(match); !why.empty()) {
            diagnostics_.error(at(i), "topic.match: " + why,
                               match.find('{') == std::string::npos
                                   ? std::string()
                                   : "{sub}, the client's user, is the only placeholder");
            return;
        }
        if (match.find("**") != std::string::npos) {
            diagnostics_.warning(at(i),
                                 "topic.match: '**' means the same as '*', which takes any text");
        }
        check_reached(i);
    }

private:
    Location at(size_t i) const { return place_of_key(rows_[i].table, "match", rows_[i].at); }

    void check_reached(size_t i) const {
        const std::string &match = topics_[i].match;
        for (size_t above = 0; above < i; ++above) {
            if (topics_[above].match.empty() || !covers(topics_[above].match, match)) continue;
            diagnostics_.warning(at(i),
                                 "topic.match: '" + match + "' is never reached, '" +
                                     topics_[above].match + "' at " + describe(at(above)) +
                                     " matches first",
                                 "the first row that matches counts: move this one up");
            return;
        }
    }

    const std::vector<TopicRow> &topics_;
    const std::vector<Instance> &rows_;
    Diagnostics &diagnostics_;
};

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
    const MatchCheck match(topics, rows, diagnostics);
    for (size_t i = 0; i < topics.size(); ++i) {
        match.run(i);
        SettingsCheck(document, topics[i], rows[i], diagnostics).run();
    }
}

}  // namespace wse::config
