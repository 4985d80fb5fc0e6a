// SPDX-License-Identifier: MIT
// wse-limits(7) has every limit, names counters that exist, and constants as they are.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "base/counters.h"
#include "base/json_scan.h"
#include "config/option.h"
#include "config/schema.h"
#include "net/framing.h"
#include "proto/inquiries.h"

namespace wse::config {
namespace {

std::string page() {
    std::ostringstream text;
    text << std::ifstream(WSE_SOURCE_DIR "/man/wse-limits.7").rdbuf();
    return text.str();
}

// The first group of every match.
std::set<std::string> all_of(const std::string &text, const char *pattern) {
    const std::regex regex(pattern);
    std::set<std::string> found;
    for (auto at = std::sregex_iterator(text.begin(), text.end(), regex);
         at != std::sregex_iterator(); ++at)
        found.insert((*at)[1]);
    return found;
}

TEST(LimitsPage, HasEveryKeyThatLimitsAndNoOther) {
    std::set<std::string> keys{"history.file_size", "history.max_memory"};
    for (const char *name : {"limits", "keepalive", "presence", "app"}) {
        for (const std::string &key : keys_of(section(name).table))
            keys.insert(std::string(name) + '.' + key);
    }
    EXPECT_EQ(all_of(page(), "\n\\.It Ic ([a-z_.]+)\n"), keys);
}

TEST(LimitsPage, NamesCountersThatExist) {
    size_t named = 0;
    for (const std::string &line : all_of(page(), "\n\\.Va ([a-z_ ,]+)(?=\n)")) {
        for (const std::string &name : all_of(line, "([a-z_]+)")) {
            ++named;
            EXPECT_TRUE(std::any_of(kCounterTable.begin(), kCounterTable.end(),
                                    [&](const CounterRow &row) { return row.name == name; }))
                << name;
        }
    }
    EXPECT_GT(named, 20U);
}

TEST(LimitsPage, HasTheConstantsAsTheyAre) {
    const auto said = [](const char *name, uint64_t value) {
        return std::string(".It Cm ") + name + " No = " + std::to_string(value) + '\n';
    };
    const std::string text = page();
    EXPECT_NE(text.find(said("kMaxFragments", net::kMaxFragments)), std::string::npos);
    EXPECT_NE(text.find(said("kJsonMaxDepth", kJsonMaxDepth)), std::string::npos);
    EXPECT_NE(text.find(said("kJsonMaxMembers", kJsonMaxMembers)), std::string::npos);
    EXPECT_NE(text.find(said("kMaxBatch", proto::kMaxBatch)), std::string::npos);
}

}  // namespace
}  // namespace wse::config
