// SPDX-License-Identifier: MIT
#include "base/pattern_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "base/glob.h"

namespace wse {
namespace {

using Texts = std::vector<std::string>;

Texts matches(const PatternIndex<int> &index, std::string_view topic) {
    Texts all;
    index.match(topic, [&](const std::string &pattern, const int &) { all.push_back(pattern); });
    std::sort(all.begin(), all.end());
    return all;
}

size_t steps(const PatternIndex<int> &index, std::string_view topic) {
    return index.match(topic, [](const std::string &, const int &) {});
}

struct Row {
    Texts patterns;
    std::string topic;
    Texts matching;  // sorted
};

void PrintTo(const Row &row, std::ostream *out) {
    for (const auto &pattern : row.patterns) *out << "'" << pattern << "' ";
    *out << "on '" << row.topic << "'";
}

class PatternTable : public testing::TestWithParam<Row> {};

TEST_P(PatternTable, FindsWhatMatches) {
    PatternIndex<int> index;
    for (const auto &pattern : GetParam().patterns) index[pattern] = 1;
    EXPECT_EQ(matches(index, GetParam().topic), GetParam().matching);
}

INSTANTIATE_TEST_SUITE_P(
    Table, PatternTable,
    testing::Values(
        Row{{}, "a", {}}, Row{{""}, "", {""}}, Row{{""}, "a", {}}, Row{{"*"}, "", {"*"}},
        Row{{"a", "ab", "abc"}, "ab", {"ab"}}, Row{{"abc", "abd"}, "ab", {}},
        Row{{"news", "news:*", "new?", "n*s", "*"}, "news", {"*", "n*s", "new?", "news"}},
        Row{{"user:*", "user:1:*", "user:2:*"}, "user:1:x", {"user:*", "user:1:*"}},
        Row{{"user:*:orders", "user:*:trades"}, "user:1:2:orders", {"user:*:orders"}},
        Row{{"*", "**", "***"}, "", {"*", "**", "***"}}, Row{{"**a", "*a*"}, "a", {"**a", "*a*"}},
        Row{{"?", "??", "?*", "*?"}, "a", {"*?", "?", "?*"}}, Row{{"a?", "a*"}, "a", {"a*"}},
        Row{{"a*b", "a*bc", "a*?"}, "aXbXb", {"a*?", "a*b"}},
        Row{{"*ab", "*b"}, "aab", {"*ab", "*b"}},
        // In a topic, wildcards are ordinary bytes.
        Row{{"*", "?", "a"}, "*", {"*", "?"}}, Row{{"*", "?", "a"}, "?", {"*", "?"}},
        Row{{"a*b", "a?b", "ab"}, "a*b", {"a*b", "a?b"}},
        Row{{std::string("a\0b", 3), "a"}, std::string("a\0b", 3), {std::string("a\0b", 3)}},
        Row{{"\xc3\xa9?", "\xc3*"}, "\xc3\xa9", {"\xc3*"}}));

TEST(PatternIndex, KeepsOneValueForEachPattern) {
    PatternIndex<int> index;
    int &first = index["a*"];
    EXPECT_EQ(first, 0);
    first = 1;
    EXPECT_EQ(&index["a*"], &first);
    EXPECT_EQ(index.find("a*"), &first);
    EXPECT_EQ(index.find("a"), nullptr);
    EXPECT_EQ(index.find("ab"), nullptr);
    EXPECT_EQ(index.size(), 1U);
    index.match("abc", [](const std::string &, int &value) { value = 2; });
    EXPECT_EQ(first, 2);
}

TEST(PatternIndex, LeavesValuesInPlaceWhenNeighboursComeAndGo) {
    PatternIndex<std::string> index;
    std::string &value = index["user:*:orders"];
    value = "kept";
    for (const char *neighbour : {"user:*:o", "user:*:ordered", "us", "user:*", "user:*:orders*"}) {
        index[neighbour] = neighbour;
    }
    EXPECT_EQ(index.find("user:*:orders"), &value);
    for (const char *neighbour : {"us", "user:*", "user:*:o", "user:*:orders*", "user:*:ordered"}) {
        EXPECT_TRUE(index.erase(neighbour));
        EXPECT_EQ(index.find("user:*:orders"), &value);
    }
    EXPECT_EQ(value, "kept");
}

TEST(PatternIndex, ErasesOnlyWhatIsThere) {
    PatternIndex<int> index;
    index["abc"] = 1;
    index["abd"] = 2;
    for (const char *absent : {"", "a", "ab", "abcd", "x", "*"}) EXPECT_FALSE(index.erase(absent));
    EXPECT_EQ(index.size(), 2U);
}

TEST(PatternIndex, JoinsPiecesThatNeedNotBeApartAnyMore) {
    PatternIndex<int> index;
    index["topic:a"] = 1;
    EXPECT_EQ(index.node_count(), 1U);
    index["topic:b"] = 2;
    index["top"] = 3;
    EXPECT_EQ(index.node_count(), 4U);
    EXPECT_TRUE(index.erase("topic:b"));
    EXPECT_TRUE(index.erase("top"));
    EXPECT_EQ(index.node_count(), 1U);
    EXPECT_EQ(matches(index, "topic:a"), Texts{"topic:a"});
    EXPECT_TRUE(index.erase("topic:a"));
    EXPECT_TRUE(index.empty());
    EXPECT_EQ(index.node_count(), 0U);
}

TEST(PatternIndex, KeepsStarsApart) {
    PatternIndex<int> index;
    for (const char *pattern : {"a*b", "a", "a*", "a*bc"}) index[pattern] = 1;
    for (const char *pattern : {"a", "a*", "a*bc"}) EXPECT_TRUE(index.erase(pattern));
    EXPECT_EQ(index.node_count(), 3U);
    EXPECT_EQ(matches(index, "aXXb"), Texts{"a*b"});
}

class Dice {
public:
    size_t below(size_t count) { return random_() % count; }
    std::string word(std::string_view letters, size_t longest) {
        std::string word(below(longest + 1), ' ');
        for (char &letter : word) letter = letters[below(letters.size())];
        return word;
    }

private:
    std::mt19937 random_{7};
};

TEST(PatternIndex, AgreesWithMatchingOnePatternAfterTheOther) {
    Dice dice;
    PatternIndex<int> index;
    std::map<std::string, int> model;
    for (int round = 0; round < 6000; ++round) {
        const std::string pattern = dice.word("aab*?", 7);
        // It grows for a while, then it shrinks, again and again.
        if (dice.below(100) < (round / 500 % 2 == 0 ? 70U : 10U)) {
            index[pattern] = model[pattern] = round;
        } else {
            const auto victim = model.lower_bound(pattern);
            const std::string name = victim == model.end() ? pattern : victim->first;
            ASSERT_EQ(index.erase(name), model.erase(name) == 1) << name;
        }
        ASSERT_EQ(index.size(), model.size());
        const std::string topic = dice.word("aaab*", 9);
        std::map<std::string, int> expected = model;
        std::erase_if(expected, [&](const auto &row) { return !glob_match(row.first, topic); });
        std::map<std::string, int> found;
        index.match(topic, [&](const std::string &name, int value) {
            ASSERT_TRUE(found.emplace(name, value).second) << name << " twice on " << topic;
        });
        ASSERT_EQ(found, expected) << topic;
    }
    for (const auto &[pattern, value] : model) ASSERT_TRUE(index.erase(pattern));
    EXPECT_EQ(index.node_count(), 0U);
}

TEST(PatternIndex, DoesNotLookAtPatternsThatBeginOtherwise) {
    PatternIndex<int> few;
    PatternIndex<int> many;
    for (int i = 0; i < 10000; ++i) {
        const std::string pattern = "user:" + std::to_string(10000 + i) + ":*";
        many[pattern] = i;
        if (i < 10) few[pattern] = i;
    }
    const std::string topic = "user:10007:orders:open";
    EXPECT_EQ(matches(many, topic), Texts{"user:10007:*"});
    EXPECT_EQ(steps(many, topic), steps(few, topic));
    EXPECT_LE(steps(many, topic), topic.size());
}

// Tried one way after the other, each of these would take longer than the universe has.
TEST(PatternIndex, AnswersBombs) {
    const std::string topic(256, 'a');
    for (const char *unit : {"a*", "*a", "*", "?*", "*?", "**a"}) {
        PatternIndex<int> index;
        std::string stem;
        while (stem.size() < 240) stem += unit;
        for (int i = 0; i < 1000; ++i) index[stem + std::to_string(1000 + i)] = i;
        index[stem + "*"] = 1;
        EXPECT_LE(steps(index, topic), 4 * topic.size()) << unit;
        EXPECT_EQ(matches(index, topic), Texts{stem + "*"});
        EXPECT_EQ(matches(index, topic + "1007"), (Texts{stem + "*", stem + "1007"})) << unit;
    }
}

// Each place is looked at once for a byte, and a pattern keeps its last star alive, not all of its
// hundred.
TEST(PatternIndex, AnswersBombsThatShareNothing) {
    Dice dice;
    PatternIndex<int> index;
    const std::string topic(256, 'a');
    while (index.size() < 1000) index[dice.word("a*", 256)] = 1;
    EXPECT_LE(steps(index, topic), 8 * topic.size() * index.size());
}

// Each star has a pattern that needs it, and every byte leads on from each of them.
TEST(PatternIndex, AnswersBombsThatBranchEverywhere) {
    PatternIndex<int> index;
    const std::string topic(256, 'a');
    std::string stem;
    for (int i = 0; i < 120; ++i) {
        stem += "*a";
        index[stem] = index[stem + "b"] = i;
    }
    EXPECT_LE(steps(index, topic), 2 * topic.size() * index.size());
    EXPECT_EQ(matches(index, topic).size(), 120U);
    EXPECT_EQ(matches(index, topic + "b").size(), 120U);
}

// Freed one inside the other, as deep as the pattern is long, they would end the stack.
TEST(PatternIndex, FreesPatternsOfAnyLength) {
    PatternIndex<int> index;
    index[std::string(200000, '*')] = 1;
    EXPECT_EQ(index.node_count(), 200000U);
}

}  // namespace
}  // namespace wse
