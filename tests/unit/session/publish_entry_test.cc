// SPDX-License-Identifier: MIT
// What is published, on its way through the modules that shape it.
#include "session/publish_entry.h"

#include <vector>

#include "proto/codes.h"
#include "support/session_fixture.h"

namespace wse::session {
namespace {

using module::Event;
using module::Shaping;

class PublishEntryTest : public testing::Test {
protected:
    PublishEntryTest() { limits = {.max_publish_size = 200, .max_topic_length = 32}; }
    void add(test::FakeShaper::Act act) {
        shapers.push_back(std::make_unique<test::FakeShaper>(std::move(act)));
    }
    Result<std::optional<proto::Publication>> enter(const proto::PublishFields &fields) {
        const PublishEntry entry{limits, on_failure, shapers, clock, counters};
        return entry.enter(fields, module::Source::kClient, "alice");
    }

    config::Limits limits;
    config::OnFailure on_failure = config::OnFailure::kPass;
    Shapers shapers;
    test::FakeClock clock;
    Counters counters;
};

TEST_F(PublishEntryTest, ShowsTheFirstModuleWhatThePublisherGave) {
    std::vector<std::string> seen;
    add([&](const Event &event, Shaping &) {
        seen = {std::string(event.type), std::string(event.id), std::string(event.payload)};
        return WSE_OK;
    });
    const auto entered = enter({.topic = "t", .payload = "7"});
    EXPECT_EQ(seen, (std::vector<std::string>{"", "", R"({"data":7})"}));
    EXPECT_EQ((*entered)->type, "t");
    EXPECT_FALSE((*entered)->id_given);
}

TEST_F(PublishEntryTest, TakesWhatTheModulesMadeOfItInTheirOrder) {
    add([](const Event &, Shaping &shaping) {
        shaping.type = "first";
        shaping.id = "e-1";
        shaping.priority = 8;
        shaping.extra = R"({"cid":"x"})";
        shaping.time_ms = 7;
        return WSE_OK;
    });
    add([](const Event &event, Shaping &shaping) {
        shaping.type = std::string(event.type) + " second";
        shaping.payload = R"({"n":1})";
        return WSE_OK;
    });
    const auto entered = enter({.topic = "t", .type = "given"});
    const proto::Publication &publication = **entered;
    EXPECT_EQ(publication.type, "first second");
    EXPECT_EQ(publication.id, "e-1");
    EXPECT_TRUE(publication.id_given);
    EXPECT_EQ(publication.payload, R"({"n":1})");
    EXPECT_EQ(publication.priority, proto::Priority::kHigh);
    EXPECT_EQ(publication.extra, R"({"cid":"x"})");
    EXPECT_EQ(publication.time_ms, 7U);
}

TEST_F(PublishEntryTest, DropsSilentlyWhatAModuleDenies) {
    int later = 0;
    add([](const Event &, Shaping &) { return WSE_EDENIED; });
    add([&](const Event &, Shaping &) { return ++later, WSE_OK; });
    const auto entered = enter({.topic = "t"});
    ASSERT_TRUE(entered);
    EXPECT_FALSE(entered->has_value());
    EXPECT_EQ(later, 0);
    EXPECT_EQ(counters.read(Counter::events_dropped), 1U);
}

TEST_F(PublishEntryTest, GoesOnAsItCameWhenAModuleFails) {
    add([](const Event &, Shaping &shaping) {
        shaping.type = "never";
        return WSE_EIO;
    });
    add([](const Event &, Shaping &shaping) {
        shaping.id = "after";
        return WSE_OK;
    });
    const auto entered = enter({.topic = "t", .type = "given"});
    EXPECT_EQ((*entered)->type, "given");
    EXPECT_EQ((*entered)->id, "after");
    EXPECT_EQ(counters.read(Counter::events_failed), 1U);
}

TEST_F(PublishEntryTest, IsRefusedWhenAModuleFailsAndTheConfigurationSaysSo) {
    on_failure = config::OnFailure::kDrop;
    add([](const Event &, Shaping &) { return WSE_EIO; });
    EXPECT_EQ(enter({.topic = "t"}).error().status, WSE_EIO);
}

TEST_F(PublishEntryTest, HoldsModulesToWhatIsAskedOfPublishers) {
    const std::vector<std::function<void(Shaping &)>> faults = {
        [](Shaping &shaping) { shaping.type = "server_ready"; },
        [](Shaping &shaping) { shaping.type = "two\nlines"; },
        [](Shaping &shaping) { shaping.id = std::string(200, 'i'); },
        [](Shaping &shaping) { shaping.payload = "{\"a\":\"" + std::string(200, 'x') + "\"}"; },
        [](Shaping &shaping) { shaping.extra = R"({"o":7})"; },
    };
    for (const auto &fault : faults) {
        shapers.clear();
        add([&](const Event &, Shaping &shaping) { return fault(shaping), WSE_OK; });
        const auto entered = enter({.topic = "t", .type = "given", .id = "i"});
        EXPECT_EQ((*entered)->type, "given");
        EXPECT_EQ((*entered)->id, "i");
    }
    EXPECT_EQ(counters.read(Counter::events_failed), faults.size());
}

TEST_F(PublishEntryTest, AsksNoModuleAboutWhatIsRefusedAnyway) {
    int asked = 0;
    add([&](const Event &, Shaping &) { return ++asked, WSE_OK; });
    EXPECT_EQ(enter({.topic = "t*"}).error().status, WSE_EINVAL);
    EXPECT_EQ(enter({.topic = "t", .payload = std::string(201, '1')}).error().status, WSE_ETOOBIG);
    EXPECT_EQ(asked, 0);
}

class ShapedPublishTest : public test::SessionFixture {
protected:
    int32_t status = WSE_OK;
    void SetUp() override {
        shape = [this](const Event &, Shaping &shaping) {
            shaping.id = "module";
            return status;
        };
        open();
    }
    void publish_one() {
        say(R"({"t":"publish","id":"mine","p":{"topic":"open","payload":{"n":1}}})");
    }
};

TEST_F(ShapedPublishTest, IsAcknowledgedUnderThePublishersId) {
    publish_one();
    const auto ack = reply();
    EXPECT_EQ(type(ack), "publish_ack");
    EXPECT_EQ(ack.root()["p"]["id"].string(), "mine");
    EXPECT_EQ(ack.root()["p"]["offset"].integer(), 1);
}

TEST_F(ShapedPublishTest, HasNoPlaceWhenAModuleDropsIt) {
    status = WSE_EDENIED;
    publish_one();
    const auto ack = reply();
    EXPECT_EQ(type(ack), "publish_ack");
    EXPECT_EQ(ack.root()["p"]["id"].string(), "mine");
    EXPECT_EQ(ack.root()["p"]["epoch"].string(), "00000000");
    EXPECT_EQ(ack.root()["p"]["offset"].integer(), 0);
    EXPECT_FALSE(core.row("open"));
}

TEST_F(ShapedPublishTest, IsAnErrorWhenAFailureRefusesIt) {
    settings->events.on_failure = config::OnFailure::kDrop;
    status = WSE_EIO;
    publish_one();
    EXPECT_EQ(code(reply()), proto::error::kEventRefused);
    EXPECT_FALSE(core.row("open"));
    EXPECT_EQ(counters.read(Counter::publish_refused), 1U);
}

}  // namespace
}  // namespace wse::session
