// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>

#include "config/bind.h"
#include "config/schema.h"

namespace wse::config {
namespace {

using testing::HasSubstr;

struct Options {
    int64_t number;
    int32_t flag;
    const char *text;
};

constexpr wse_option kEnd = {nullptr, 0, 0, 0, 0, 0, nullptr, nullptr, nullptr, nullptr};

wse_option number_option() {
    return {"number", WSE_OPT_INT, 0,      offsetof(Options, number), 1, 9, "5",
            nullptr,  nullptr,     nullptr};
}

std::string complaint(wse_option first, wse_option second = kEnd) {
    const wse_option rows[] = {first, second, kEnd};
    const Result<void> checked = check_table({rows, sizeof(wse_option), sizeof(Options)});
    return checked ? "" : checked.error().text;
}

TEST(OptionTable, OfTheCoreIsSound) {
    for (const Section &section : sections()) {
        if (section.name == std::string("module")) continue;
        const Result<void> checked = check_table(section.table, true);
        EXPECT_TRUE(checked.ok()) << section.name << ": " << checked.error().text;
    }
}

TEST(OptionTable, IsSoundWithoutOptions) {
    EXPECT_TRUE(check_table({nullptr, 0, 0}).ok());
    EXPECT_EQ(complaint(kEnd), "");
    EXPECT_EQ(complaint(number_option()), "");
}

TEST(OptionTable, IsRefusedWithTheReason) {
    const auto with = [](auto change) {
        wse_option option = number_option();
        change(option);
        return complaint(option);
    };
    EXPECT_EQ(with([](auto &o) { o.type = 99; }),
              "option 'number': type 99 is unknown to this server");
    EXPECT_EQ(with([](auto &o) { o.type = 0; }),
              "option 'number': type 0 is unknown to this server");
    EXPECT_THAT(with([](auto &o) { o.flags = 64; }), HasSubstr("flags 64 are unknown"));
    EXPECT_THAT(with([](auto &o) { o.flags = WSE_OPT_F_SECRET; }), HasSubstr("SECRET is for"));
    EXPECT_THAT(with([](auto &o) { o.flags = WSE_OPT_F_PATH; }), HasSubstr("PATH is for"));
    EXPECT_THAT(with([](auto &o) { o.offset = sizeof(Options) - 4; }), HasSubstr("beyond"));
    EXPECT_THAT(with([](auto &o) { o.offset = UINT64_MAX; }), HasSubstr("beyond"));
    EXPECT_THAT(with([](auto &o) { o.offset = 4; }), HasSubstr("not aligned"));
    EXPECT_THAT(with([](auto &o) { o.name = "Number"; }), HasSubstr("lower case"));
    EXPECT_THAT(with([](auto &o) { o.name = "load"; }), HasSubstr("belongs to the server"));
    EXPECT_THAT(with([](auto &o) { o.min = 10; }), HasSubstr("minimum 10 is above maximum 9"));
    EXPECT_EQ(with([](auto &o) { o.fallback = "50"; }),
              "option 'number': fallback: 50 is not between 1 and 9");
    EXPECT_THAT(with([](auto &o) { o.fallback = "five"; }), HasSubstr("fallback"));
    EXPECT_THAT(with([](auto &o) { o.type = WSE_OPT_ENUM; }), HasSubstr("no choices"));
}

TEST(OptionTable, HasGroupsInTheCoreOnly) {
    wse_option option = number_option();
    const auto checked = [&option](const char *name, bool groups) {
        option.name = name;
        const wse_option rows[] = {option, kEnd};
        return check_table({rows, sizeof(wse_option), sizeof(Options)}, groups).ok();
    };
    EXPECT_TRUE(checked("group.number", true));
    EXPECT_FALSE(checked("group.number", false));
    for (const char *name : {"group.", ".number", "a.b.number", "Group.number", "group.Number"}) {
        EXPECT_FALSE(checked(name, true)) << name;
    }
}

TEST(OptionTable, IsRefusedWhenOptionsCollide) {
    wse_option other = number_option();
    EXPECT_EQ(complaint(number_option(), other), "option 'number': stands twice in the table");
    other.name = "other";
    EXPECT_EQ(complaint(number_option(), other), "option 'other': overlaps option 'number'");
}

TEST(OptionTable, IsRefusedWithoutItsEnd) {
    std::vector<wse_option> rows(1000, number_option());
    std::vector<std::string> names;
    for (size_t i = 0; i < rows.size(); ++i) names.push_back("n" + std::to_string(i));
    for (size_t i = 0; i < rows.size(); ++i) {
        rows[i].name = names[i].c_str();
        rows[i].offset = i * 8;
    }
    const Result<void> checked = check_table({rows.data(), sizeof(wse_option), 8000});
    ASSERT_FALSE(checked.ok());
    EXPECT_THAT(checked.error().text, HasSubstr("is the end of the table missing?"));
}

TEST(OptionTable, HasRowsOfAtLeastItsFirstSize) {
    const wse_option rows[] = {number_option(), kEnd};
    EXPECT_FALSE(check_table({rows, sizeof(wse_option) - 8, sizeof(Options)}).ok());
}

}  // namespace
}  // namespace wse::config
