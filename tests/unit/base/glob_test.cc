// SPDX-License-Identifier: MIT
#include "base/glob.h"

#include <gtest/gtest.h>

#include <bitset>
#include <string>
#include <vector>

namespace wse {
namespace {

struct Row {
    const char *pattern;
    const char *text;
    bool matches;
};

void PrintTo(const Row &row, std::ostream *out) {
    *out << "'" << row.pattern << "' on '" << row.text << "'";
}

class Glob : public testing::TestWithParam<Row> {};

TEST_P(Glob, Matches) {
    EXPECT_EQ(glob_match(GetParam().pattern, GetParam().text), GetParam().matches);
}

INSTANTIATE_TEST_SUITE_P(
    Table, Glob,
    testing::Values(
        // Plain.
        Row{"", "", true}, Row{"", "a", false}, Row{"a", "", false}, Row{"news", "news", true},
        Row{"news", "New", false}, Row{"news", "newsx", false}, Row{"news", "xnews", false},
        // Question marks: exactly one byte.
        Row{"?", "", false}, Row{"?", "a", true}, Row{"?", "ab", false}, Row{"a?c", "abc", true},
        Row{"??", "\xc3\xa9", true}, Row{"?", "\xc3\xa9", false},
        // Stars: any run, also empty, also across separators.
        Row{"*", "", true}, Row{"*", "a:b/c.d", true}, Row{"**", "", true}, Row{"***", "abc", true},
        Row{"user:*", "user:", true}, Row{"user:*", "user:1:orders", true},
        Row{"user:*", "use", false}, Row{"user:*:orders", "user:1:2:orders", true},
        Row{"user:*:orders", "user::orders", true}, Row{"user:*:orders", "user:orders", false},
        Row{"*x", "axbx", true}, Row{"*x", "axb", false}, Row{"a*b*c", "aXbXbXc", true},
        Row{"a*b*c", "aXcXb", false}, Row{"*ab", "aab", true}, Row{"*?b", "b", false},
        Row{"?*?", "a", false}, Row{"?*?", "ab", true}, Row{"*a*", "bbb", false},
        // A star or question mark in the text is an ordinary byte, and so is everything else.
        Row{"a", "*", false}, Row{"*", "*", true}, Row{"[a-z]", "b", false},
        Row{"[a-z]", "[a-z]", true}, Row{"\\*", "\\anything", true}));

TEST(GlobMatch, TakesZeroBytesAsOrdinaryOnes) {
    EXPECT_TRUE(glob_match(std::string_view("a\0b", 3), std::string_view("a\0b", 3)));
    EXPECT_FALSE(glob_match(std::string_view("a\0b", 3), std::string_view("a\0c", 3)));
    EXPECT_FALSE(glob_match("", std::string_view("\0", 1)));
}

// A matcher that tries every star anew would take longer than the universe has.
TEST(GlobMatch, AnswersBombs) {
    const std::string text(1000, 'a');
    int refused = 0;
    for (const char *unit : {"a*", "*a", "*a*", "?*", "*?", "**a"}) {
        std::string pattern;
        for (int i = 0; i < 200; ++i) pattern += unit;
        EXPECT_TRUE(glob_match(pattern + "*", text)) << unit;
        if (!glob_match(pattern + "b", text)) ++refused;
    }
    EXPECT_EQ(refused, 6);
}

// Every word of the letters, up to a length.
std::vector<std::string> words(std::string_view letters, size_t length) {
    std::vector<std::string> all = {""};
    for (size_t i = 0; i < all.size(); ++i) {
        if (all[i].size() == length) break;
        for (const char letter : letters) all.push_back(all[i] + letter);
    }
    return all;
}

// Two patterns of at most four bytes that share a text share one of at most eight.
TEST(GlobsIntersect, AgreesWithTryingEveryText) {
    const auto patterns = words("ab*?", 4);
    const auto texts = words("ab", 8);
    std::vector<std::bitset<511>> matched(patterns.size());
    ASSERT_EQ(texts.size(), matched[0].size());
    for (size_t p = 0; p < patterns.size(); ++p) {
        for (size_t t = 0; t < texts.size(); ++t) matched[p][t] = glob_match(patterns[p], texts[t]);
    }
    for (size_t a = 0; a < patterns.size(); ++a) {
        for (size_t b = 0; b < patterns.size(); ++b) {
            ASSERT_EQ(globs_intersect(patterns[a], patterns[b]), (matched[a] & matched[b]).any())
                << patterns[a] << " and " << patterns[b];
        }
    }
}

TEST(GlobsIntersect, SeesThroughTopicsAsTheyAreWritten) {
    EXPECT_TRUE(globs_intersect("user:*:orders", "user:1:*"));
    EXPECT_TRUE(globs_intersect("*:orders", "user:*"));
    EXPECT_TRUE(globs_intersect("news", "news"));
    EXPECT_FALSE(globs_intersect("user:*", "users"));
    EXPECT_FALSE(globs_intersect("*:orders", "user:?"));
    EXPECT_FALSE(globs_intersect(std::string_view("a\0*", 3), "a"));
}

TEST(GlobsIntersect, AnswersBombs) {
    std::string a;
    std::string b;
    for (int i = 0; i < 500; ++i) {
        a += "a*";
        b += "*?";
    }
    EXPECT_TRUE(globs_intersect(a, b));
    EXPECT_FALSE(globs_intersect(a + "x", b + "y"));
}

TEST(IsPattern, SeesStarsAndQuestionMarksOnly) {
    EXPECT_TRUE(is_pattern("a*"));
    EXPECT_TRUE(is_pattern("?a"));
    EXPECT_FALSE(is_pattern(""));
    EXPECT_FALSE(is_pattern("a.b[c]{d}"));
}

}  // namespace
}  // namespace wse
