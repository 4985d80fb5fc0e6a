// SPDX-License-Identifier: MIT
// The corpus of broken configurations: each file in broken/ ends with what must be said about it,
//     # expect: LINE:COL message        (FILE:LINE:COL for an included file)
//     # hint: text
// in the order of the report, and nothing else may be said.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <string>
#include <vector>

#include "config/load.h"

namespace wse::config {
namespace {

namespace fs = std::filesystem;

struct Expectation {
    std::string text;  // place and message, or a part of them
    std::string hint;
};

std::vector<std::string> corpus() {
    std::vector<std::string> names;
    for (const auto &entry : fs::directory_iterator(WSE_BROKEN_DIR)) {
        if (entry.path().extension() == ".toml") names.push_back(entry.path().stem().string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::vector<Expectation> expectations(const std::string &file) {
    constexpr std::string_view kExpect = "# expect: ";
    constexpr std::string_view kHint = "# hint: ";
    std::vector<Expectation> found;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        if (line.rfind(kExpect, 0) == 0) found.push_back({line.substr(kExpect.size()), {}});
        if (line.rfind(kHint, 0) == 0) found.back().hint = line.substr(kHint.size());
    }
    return found;
}

// "3:7 text" is about the file itself.
std::string expected_place_and_message(const std::string &file, const std::string &text) {
    static const std::regex kPlace("^((?:[^ ]+\\.toml:)?[0-9]+:[0-9]+) (.*)$");
    std::smatch match;
    if (!std::regex_match(text, match, kPlace)) return file + ": " + text;
    const std::string place = match[1];
    const bool other_file = place.find(".toml") != std::string::npos;
    return (other_file ? place : file + ':' + place) + ": " + match[2].str();
}

class Broken : public testing::TestWithParam<std::string> {
protected:
    // Messages name files as they were given, so the test stands in their directory.
    void SetUp() override {
        before_ = fs::current_path();
        fs::current_path(WSE_BROKEN_DIR);
    }
    void TearDown() override { fs::current_path(before_); }

    fs::path before_;
};

TEST_P(Broken, IsReportedAtItsPlaceWithItsHintAndNothingElse) {
    const std::string file = GetParam() + ".toml";
    const std::vector<Expectation> expected = expectations(file);
    LoadRequest request;
    request.path = file;
    request.module_dir = "/modules";
    request.getenv = [](const char *) -> const char * { return nullptr; };

    Diagnostics diagnostics;
    const Loaded loaded = load(request, diagnostics);

    ASSERT_FALSE(expected.empty()) << "the file says nothing to expect";
    ASSERT_EQ(diagnostics.items().size(), expected.size()) << diagnostics.render();
    for (size_t i = 0; i < expected.size(); ++i) {
        const Diagnostic &item = diagnostics.items()[i];
        Diagnostic plain = item;
        plain.severity = Severity::kError;
        const std::string want = expected_place_and_message(file, expected[i].text);
        EXPECT_EQ(plain.render().rfind(want, 0), 0u) << "want: " << want << "\n" << item.render();
        EXPECT_NE(item.hint.find(expected[i].hint), std::string::npos) << item.render();
    }
}

INSTANTIATE_TEST_SUITE_P(Corpus, Broken, testing::ValuesIn(corpus()),
                         [](const auto &parameter) { return parameter.param; });

TEST(BrokenCorpus, IsLargeEnough) {
    EXPECT_GE(corpus().size(), 40u);
}

}  // namespace
}  // namespace wse::config
