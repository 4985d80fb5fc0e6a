// SPDX-License-Identifier: MIT
#include "server/direct.h"

#include <gtest/gtest.h>

namespace wse::server {
namespace {

constexpr config::Limits kLimits = {.max_publish_size = 100, .max_topic_length = 20};

Result<Direct> read(std::string_view text) {
    const auto document = JsonDocument::parse(text);
    return read_direct(admin::Args(document->root(), text), kLimits, 1000);
}

TEST(Direct, ReachesOtherHostsAsItWas) {
    const auto here = read(R"({"user":"alice","type":"note","priority":8,"payload":{"n": 1}})");
    ASSERT_TRUE(here);
    const auto there = read_broadcast(broadcast_of(*here), kLimits, 2000);
    ASSERT_TRUE(there) << there.error().text;
    EXPECT_EQ(there->user, "alice");
    EXPECT_FALSE(there->all);
    const auto &publication = there->message->publication;
    EXPECT_EQ(publication.id, here->message->publication.id);
    EXPECT_EQ(publication.type, "note");
    EXPECT_EQ(publication.payload, R"({"n": 1})");
    EXPECT_EQ(publication.priority, proto::Priority::kHigh);
}

TEST(Direct, IsForOneOfThreeAndHasAType) {
    for (const char *bad : {R"({"type":"t"})", R"({"type":"t","all":true,"user":"a"})",
                            R"({"all":true})", R"({"all":true,"type":"server_ready"})"})
        EXPECT_FALSE(read(bad)) << bad;
    EXPECT_TRUE(read(R"({"type":"t","all":true})"));
}

TEST(Direct, OfAnotherHostIsJudgedAsAnOperatorsIs) {
    const auto status_of = [](std::string_view data) {
        const auto direct = read_broadcast(data, kLimits, 1000);
        return direct ? static_cast<int>(WSE_OK) : static_cast<int>(direct.error().status);
    };
    EXPECT_EQ(status_of(R"({"do":"send","type":"t","all":true})"), WSE_OK);
    EXPECT_EQ(status_of(R"({"do":"dance"})"), WSE_ENOTFOUND);
    EXPECT_EQ(status_of("[1]"), WSE_ENOTFOUND);
    EXPECT_EQ(status_of("{"), WSE_EINVAL);
    EXPECT_EQ(status_of("\xff"), WSE_EINVAL);
    EXPECT_EQ(status_of(R"({"do":"send","type":"t"})"), WSE_EINVAL);
    EXPECT_EQ(status_of(R"({"do":"send","all":true,"type":"session_end"})"), WSE_OK);
    EXPECT_EQ(status_of(R"({"do":"send","all":true,"type":"server_ready"})"), WSE_EINVAL);
    const std::string large = R"({"do":"send","all":true,"type":"t","payload":")";
    EXPECT_EQ(status_of(large + std::string(200, 'x') + "\"}"), WSE_ETOOBIG);
    EXPECT_EQ(status_of(large + std::string(20'000, 'x') + "\"}"), WSE_ETOOBIG);
}

}  // namespace
}  // namespace wse::server
