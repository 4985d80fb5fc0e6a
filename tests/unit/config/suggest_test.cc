// SPDX-License-Identifier: MIT
#include "config/suggest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "config/hints.h"
#include "config/option.h"
#include "config/schema.h"

namespace wse::config {
namespace {

// Every word one edit away: a character left out, doubled, changed, two swapped.
std::vector<std::string> typos_of(const std::string &word) {
    std::vector<std::string> typos;
    for (size_t i = 0; i < word.size(); ++i) {
        std::string typo = word;
        typos.push_back(typo.erase(i, 1));
        typo = word;
        typos.push_back(typo.insert(i, 1, word[i]));
        for (const char c : {'e', 'x'}) {
            typo = word;
            typo[i] = c;
            typos.push_back(typo);
        }
        typo = word;
        if (i + 1 < word.size()) std::swap(typo[i], typo[i + 1]);
        typos.push_back(typo);
    }
    std::erase(typos, word);
    return typos;
}

TEST(Suggest, CountsASwapAsOneEdit) {
    EXPECT_EQ(edit_distance("adderss", "address"), 1u);
    EXPECT_EQ(edit_distance("adress", "address"), 1u);
    EXPECT_EQ(edit_distance("", "abc"), 3u);
    EXPECT_EQ(edit_distance("Idle-Timeout", "idle_timeout"), 0u);
}

TEST(Suggest, SaysNothingWhenNothingIsNear) {
    const std::vector<std::string> known = {"level", "format", "file"};
    EXPECT_EQ(nearest("colour", known), std::nullopt);
    EXPECT_EQ(nearest("", known), std::nullopt);
    EXPECT_EQ(nearest(std::string(1000, 'x'), known), std::nullopt);
}

TEST(Suggest, TakesTheNearestOfSeveral) {
    const std::vector<std::string> known = {"max_header_size", "max_headers"};
    EXPECT_EQ(nearest("max_header", known), "max_headers");
    EXPECT_EQ(nearest("max_header_sise", known), "max_header_size");
}

TEST(Suggest, HintsAtTheRightKeyForNineTyposInTen) {
    size_t typos = 0;
    size_t right = 0;
    for (const Section &section : sections()) {
        const std::vector<std::string> names = keys_of(section.table);
        for (const std::string &name : names) {
            for (const std::string &typo : typos_of(name)) {
                if (std::find(names.begin(), names.end(), typo) != names.end()) continue;
                ++typos;
                right += hint_for_key(typo, names, false).text == "did you mean '" + name + "'?";
            }
        }
    }
    EXPECT_GT(typos, 1000u);
    EXPECT_GE(static_cast<double>(right), 0.9 * static_cast<double>(typos))
        << right << " of " << typos;
}

TEST(Suggest, HintsAtTheRightSectionForNineTyposInTen) {
    size_t typos = 0;
    size_t right = 0;
    for (const Section &section : sections()) {
        for (const std::string &typo : typos_of(section.name)) {
            ++typos;
            right += hint_for_section(typo) == "did you mean " + section.header() + '?';
        }
    }
    EXPECT_GE(static_cast<double>(right), 0.9 * static_cast<double>(typos))
        << right << " of " << typos;
}

TEST(Suggest, NamesTheSectionAKeyBelongsTo) {
    const std::vector<std::string> own = {"level", "format", "file"};
    EXPECT_EQ(hint_for_key("idle_timeout", own, false).text,
              "'idle_timeout' belongs to [keepalive]");
    EXPECT_EQ(hint_for_key("idle_timeot", own, false).text,
              "did you mean 'idle_timeout' in [keepalive]?");
}

TEST(Suggest, NamesTheGroupAKeyBelongsTo) {
    const std::vector<std::string> own = {"path", "file_size", "max_memory"};
    EXPECT_EQ(hint_for_key("messages", own, false).text,
              "'messages' belongs to history of [[topic]]");
    EXPECT_EQ(hint_for_section("messages"), "'messages' belongs to history of [[topic]]");
}

TEST(Suggest, PrefersAModulesOwnKeyToTheCores) {
    const std::vector<std::string> own = {"paths"};
    EXPECT_EQ(hint_for_key("path", own, true).text, "did you mean 'paths'?");
}

}  // namespace
}  // namespace wse::config
