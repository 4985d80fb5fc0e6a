// SPDX-License-Identifier: MIT
#include "admin/api_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace wse::admin {
namespace {

using testing::HasSubstr;
using testing::Not;

class ApiKeysTest : public testing::Test {
protected:
    ~ApiKeysTest() override { std::filesystem::remove(path_); }

    Result<ApiKeys> read(const std::string &content) {
        std::ofstream(path_) << content;
        return ApiKeys::read({}, path_);
    }
    std::string failure(const std::string &content) {
        const auto keys = read(content);
        return keys ? "none" : keys.error().text;
    }

    const std::string path_ = testing::TempDir() + "api-keys-" +
                              std::to_string(testing::UnitTest::GetInstance()->random_seed()) +
                              "-" + testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(ApiKeysTest, FindTheOneWhoseHashItIs) {
    const auto one = new_api_key("one");
    const auto two = new_api_key("two");
    const auto keys = read("# of the shop\n\n" + one->line + "\r\n  " + two->line + "  ");
    ASSERT_TRUE(keys) << keys.error().text;
    ASSERT_EQ(keys->keys().size(), 2u);
    EXPECT_EQ(keys->keys()[0].name, "one");
    EXPECT_EQ(keys->find(one->key), std::optional<size_t>(0));
    EXPECT_EQ(keys->find(two->key), std::optional<size_t>(1));
    for (const std::string &wrong :
         {std::string(), std::string("one"), one->hash, one->key + "x", one->key.substr(1)})
        EXPECT_EQ(keys->find(wrong), std::nullopt) << wrong;
}

TEST_F(ApiKeysTest, AreThoseOfTheConfigurationAndOfTheFile) {
    const auto given = new_api_key("given");
    const auto filed = new_api_key("filed");
    std::ofstream(path_) << filed->line << "\n";
    const auto keys = ApiKeys::read({{"given", given->hash}}, path_);
    ASSERT_TRUE(keys) << keys.error().text;
    EXPECT_TRUE(keys->find(given->key));
    EXPECT_TRUE(keys->find(filed->key));
    EXPECT_TRUE(ApiKeys::read({{"given", given->hash}}, ""));
}

TEST_F(ApiKeysTest, SayWhichLineIsNone) {
    const auto key = new_api_key("a");
    EXPECT_THAT(failure("# one\na sha256:12\n"), HasSubstr(path_ + ":2: a: no hash of a key"));
    EXPECT_THAT(failure("a\n"), HasSubstr(":1: a: no hash"));
    EXPECT_THAT(failure("a md5:" + std::string(64, 'a')), HasSubstr(":1: a: no hash"));
    EXPECT_THAT(failure("a sha256:" + std::string(64, 'G')), HasSubstr(":1: a: no hash"));
    EXPECT_THAT(failure("b" + key->line.substr(1) + "\n" + key->line),
                HasSubstr(":2: a: the same key as b"));
    EXPECT_THAT(failure(key->line + "\na sha256:" + std::string(64, 'a')),
                HasSubstr(":2: a: this name stands twice"));
}

TEST_F(ApiKeysTest, DoNotRepeatAKeyThatStandsThereByMistake) {
    const auto key = new_api_key("a");
    EXPECT_THAT(failure("a " + key->key), Not(HasSubstr(key->key)));
    EXPECT_THAT(failure("=" + key->key), Not(HasSubstr(key->key)));
}

TEST_F(ApiKeysTest, NeedAFileThatCanBeRead) {
    EXPECT_FALSE(ApiKeys::read({}, path_ + "-none"));
    EXPECT_FALSE(ApiKeys::read({}, testing::TempDir()));
    EXPECT_THAT(failure(std::string(300 << 10, '#')), HasSubstr("larger than 256 KiB"));
}

TEST_F(ApiKeysTest, AreEachTimeOthers) {
    const auto one = new_api_key("a");
    EXPECT_EQ(one->key.size(), 4u + 43u);
    EXPECT_EQ(one->key.find_first_of("+/= "), std::string::npos);
    EXPECT_NE(one->key, new_api_key("a")->key);
    EXPECT_EQ(one->hash, "sha256:" + hex_of(sha256(one->key)));
    for (const std::string &name :
         {std::string(), std::string("a b"), std::string("#"), std::string(65, 'a')})
        EXPECT_FALSE(new_api_key(name)) << name;
}

}  // namespace
}  // namespace wse::admin
