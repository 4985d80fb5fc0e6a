// SPDX-License-Identifier: MIT
#include "base/utf8.h"

#include <gtest/gtest.h>

namespace wse {
namespace {

constexpr int kValid = -1;       // whole
constexpr int kIncomplete = -2;  // ends inside a character

struct Row {
    const char *name;
    std::string text;
    int outcome;  // kValid, kIncomplete, or the index of the octet that must be refused
};

void PrintTo(const Row &row, std::ostream *out) {
    *out << row.name;
}

class Utf8 : public testing::TestWithParam<Row> {};

int outcome_by_octet(std::string_view text) {
    Utf8Check check;
    for (size_t i = 0; i < text.size(); ++i) {
        if (!check.feed(text.substr(i, 1))) return static_cast<int>(i);
    }
    return check.complete() ? kValid : kIncomplete;
}

TEST_P(Utf8, FailsAtTheFirstOctetThatNoTextCouldHave) {
    EXPECT_EQ(outcome_by_octet(GetParam().text), GetParam().outcome);
}

TEST_P(Utf8, IsJudgedTheSameAsAWholeAndInTwoPieces) {
    const auto &[name, text, outcome] = GetParam();
    EXPECT_EQ(is_utf8(text), outcome == kValid);
    // Ascii around it sends the check over its fast path.
    EXPECT_EQ(is_utf8("0123456789abcdef" + text), outcome == kValid);
    EXPECT_EQ(is_utf8(text + "0123456789abcdef"), outcome == kValid);
    for (size_t cut = 0; cut <= text.size(); ++cut) {
        Utf8Check check;
        const bool fed = check.feed(std::string_view(text).substr(0, cut)) &&
                         check.feed(std::string_view(text).substr(cut));
        EXPECT_EQ(fed, outcome < 0) << cut;
        EXPECT_EQ(fed && check.complete(), outcome == kValid) << cut;
    }
}

INSTANTIATE_TEST_SUITE_P(
    Table, Utf8,
    testing::Values(
        Row{"empty", "", kValid}, Row{"nul", std::string(1, '\0'), kValid},
        Row{"U+007F", "\x7f", kValid}, Row{"U+0080", "\xc2\x80", kValid},
        Row{"U+07FF", "\xdf\xbf", kValid}, Row{"U+0800", "\xe0\xa0\x80", kValid},
        Row{"U+0FFF", "\xe0\xbf\xbf", kValid}, Row{"U+1000", "\xe1\x80\x80", kValid},
        Row{"U+CFFF", "\xec\xbf\xbf", kValid}, Row{"U+D000", "\xed\x80\x80", kValid},
        Row{"U+D7FF", "\xed\x9f\xbf", kValid}, Row{"U+E000", "\xee\x80\x80", kValid},
        Row{"U+FFFF", "\xef\xbf\xbf", kValid}, Row{"U+10000", "\xf0\x90\x80\x80", kValid},
        Row{"U+3FFFF", "\xf0\xbf\xbf\xbf", kValid}, Row{"U+40000", "\xf1\x80\x80\x80", kValid},
        Row{"U+FFFFF", "\xf3\xbf\xbf\xbf", kValid}, Row{"U+100000", "\xf4\x80\x80\x80", kValid},
        Row{"U+10FFFF", "\xf4\x8f\xbf\xbf", kValid},
        // Bounds of the second octet: overlong forms, surrogates, above U+10FFFF.
        Row{"overlong nul", "\xc0\x80", 0}, Row{"overlong slash", "\xc1\xaf", 0},
        Row{"overlong in three", "\xe0\x80\xaf", 1}, Row{"U+07FF in three", "\xe0\x9f\xbf", 1},
        Row{"overlong in four", "\xf0\x80\x80\xaf", 1},
        Row{"U+FFFF in four", "\xf0\x8f\xbf\xbf", 1}, Row{"U+D800", "\xed\xa0\x80", 1},
        Row{"U+DFFF", "\xed\xbf\xbf", 1}, Row{"surrogate pair", "\xed\xa0\xbd\xed\xb8\x80", 1},
        Row{"U+110000", "\xf4\x90\x80\x80", 1},
        // Octets that never begin a character.
        Row{"lone continuation 80", "\x80", 0}, Row{"lone continuation bf", "a\xbf", 1},
        Row{"f5", "\xf5\x80\x80\x80", 0}, Row{"f8", "\xf8\x88\x80\x80\x80", 0},
        Row{"fe", "\xfe", 0}, Row{"ff", "ab\xff", 2},
        // Characters cut short by another.
        Row{"ascii for the second", "\xc3(", 1}, Row{"ascii for the third", "\xe2\x82(", 2},
        Row{"ascii for the fourth", "\xf0\x9f\x98(", 3}, Row{"lead for the second", "\xc3\xc3", 1},
        Row{"one continuation too many", "\xc3\xa9\xa9", 2},
        Row{"first octets of four", "\xf0\x9f\x98", kIncomplete},
        Row{"first octets of three", "\xe2\x82", kIncomplete},
        Row{"first octet of two", "abc\xc3", kIncomplete}));

TEST(Utf8Check, AgreesWithTheDefinitionOnEveryCodePoint) {
    uint32_t wrong = 0;
    for (uint32_t point = 0x80; point < 0x120000; ++point) {
        std::string text;
        const auto put = [&text](uint32_t octet) { text += static_cast<char>(octet); };
        if (point < 0x800) {
            put(0xc0 | point >> 6);
        } else if (point < 0x10000) {
            put(0xe0 | point >> 12);
            put(0x80 | (point >> 6 & 0x3f));
        } else {
            put(0xf0 | point >> 18);
            put(0x80 | (point >> 12 & 0x3f));
            put(0x80 | (point >> 6 & 0x3f));
        }
        put(0x80 | (point & 0x3f));
        const bool scalar = point < 0x110000 && (point < 0xd800 || point > 0xdfff);
        if (is_utf8(text) != scalar) ++wrong;
    }
    EXPECT_EQ(wrong, 0U);
}

TEST(Utf8Check, SeesABadOctetAtEveryPlaceOfALongText) {
    for (size_t at = 0; at < 40; ++at) {
        std::string text(40, 'a');
        text[at] = '\xff';
        EXPECT_FALSE(is_utf8(text)) << at;
    }
}

TEST(Utf8Prefix, CutsBetweenCharacters) {
    const std::string text = "a\u00e9\u20ac";
    EXPECT_EQ(utf8_prefix(text, 10), text);
    EXPECT_EQ(utf8_prefix(text, 5), "a\u00e9");
    EXPECT_EQ(utf8_prefix(text, 3), "a\u00e9");
    EXPECT_EQ(utf8_prefix(text, 2), "a");
    EXPECT_EQ(utf8_prefix(text, 0), "");
}

TEST(Utf8Check, StaysFailed) {
    Utf8Check check;
    EXPECT_FALSE(check.feed("\xff"));
    EXPECT_FALSE(check.feed("all is well"));
    EXPECT_FALSE(check.complete());
    check.reset();
    EXPECT_TRUE(check.feed("all is well"));
    EXPECT_TRUE(check.complete());
}

}  // namespace
}  // namespace wse
