// SPDX-License-Identifier: MIT
#include "parts/surroundings.h"

#include <fstream>
#include <sstream>

#include "parts/options.h"
#include "support/backplane_fixture.h"

namespace wse::backplane_redis::parts {
namespace {

using test::RedisServer;

class SurroundingsTest : public BackplaneTest {
protected:
    std::unique_ptr<Surroundings> make(Locator &locator) {
        HostsEvents events;
        events.gone = [](const std::string &) {};
        events.returned = [] {};
        events.changed = [this] { ++changes_; };
        return std::make_unique<Surroundings>(site_, locator, 10'000,
                                              SurroundingsCounters{1, {2, 3}}, std::move(events));
    }
    RedisServer server_;
    int changes_ = 0;
};

TEST_F(SurroundingsTest, TakeThingsInAndAnswerOperators) {
    auto &it = keep(make(keep(make_locator(&loop_, {.url = server_.url()}))));
    until([&] { return changes_ == 1 && it.ingress().is_here(); });
    EXPECT_EQ(it.hosts().live(), std::vector<std::string>{site_.host_id});
    server_.run({"XADD", "wse:ingress", "*", "topic", "t", "payload", "1"});
    until([&] { return host_->published.size() == 1; });
    std::string answer;
    EXPECT_FALSE(it.command("status", "{}", [](int32_t, const std::string &) { FAIL(); }));
    EXPECT_TRUE(it.command("dlq_list", R"({"command":"dlq_list"})",
                           [&](int32_t, const std::string &text) { answer = text; }));
    until([&] { return !answer.empty(); });
    EXPECT_EQ(answer, "{\"topics\":[]}");
}

TEST_F(SurroundingsTest, LeaveNoLeaseBehind) {
    Locator &locator = keep(make_locator(&loop_, {.url = server_.url()}));
    auto it = make(locator);
    until([&] { return changes_ == 1 && it->ingress().is_here(); });
    bool closed = false;
    it->close([&] { closed = true; });
    until([&] { return closed; });
    EXPECT_EQ(server_.run({"ZCARD", "{wse}:hosts"}), "0");
    EXPECT_EQ(server_.run({"EXISTS", "{wse}:lease"}), "0");
}

TEST_F(SurroundingsTest, CloseAtAnyTime) {
    Locator &locator = keep(make_locator(&loop_, {.url = server_.url()}));
    for (int turns = 0; turns < 25; turns += 3) {
        auto it = make(locator);
        server_.run({"XADD", "wse:ingress", "*", "topic", "t", "payload", "1"});
        for (int i = 0; i < turns; ++i) uv_run(&loop_, UV_RUN_ONCE);
        bool closed = false;
        it->close([&] { closed = true; });
        until([&] { return closed; });
    }
}

// The line of docs/redis.md that makes the server's own user.
RedisServer::Words documented_user() {
    std::ifstream in(std::string(WSE_SOURCE_DIR) + "/docs/redis.md");
    RedisServer::Words words;
    for (std::string line; words.empty() && std::getline(in, line);) {
        if (!line.starts_with("ACL SETUSER wse ")) continue;
        std::istringstream text(line);
        for (std::string word; text >> word;) words.push_back(word);
    }
    return words;
}

TEST_F(SurroundingsTest, WorkAsTheUserThatIsDocumented) {
    ASSERT_EQ(server_.run(documented_user()), "OK");
    auto &it =
        keep(make(keep(make_locator(&loop_, {.url = "redis://wse:secret@" + server_.address()}))));
    until([&] { return changes_ == 1 && it.ingress().is_here(); });
    until([&] { return server_.run({"PUBSUB", "NUMPAT"}) == "1"; });
    server_.run({"XADD", "wse:ingress", "*", "topic", "t", "payload", "no JSON"});
    server_.run({"PUBLISH", "wse:t", "{\"p\":1}"});
    until([&] { return server_.run({"XLEN", "{wse}:dlq:t"}) == "1"; });
    until([&] { return server_.run({"XLEN", "wse:ingress"}) == "0"; });
    std::string answer;
    it.command("dlq_drop", R"({"command":"dlq_drop","topic":"t","id":"all"})",
               [&](int32_t, const std::string &text) { answer = text; });
    until([&] { return !answer.empty(); });
    EXPECT_EQ(answer, "{\"dropped\":1}");
    EXPECT_EQ(host_->published.size(), 1u);
}

TEST(PartsOptions, SayWhatIsWrongAndNoSecret) {
    const char *const sentinels[] = {"a:1"};
    PartsConfig config{};
    EXPECT_EQ(parts_problem(nullptr, config), "");
    EXPECT_EQ(make_seal(config), nullptr);
    config.fernet_key = "hush";
    EXPECT_EQ(parts_problem(nullptr, config), "fernet_key: is not 32 octets in base64url");
    config.fernet_key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    config.sentinels = {sentinels, 1};
    EXPECT_NE(parts_problem(nullptr, config), "");
    config.master = "m";
    EXPECT_EQ(parts_problem("redis://:hush@ignored", config), "");
    EXPECT_NE(make_seal(config), nullptr);
    EXPECT_EQ(locator_options("redis://h", config).sentinels, std::vector<std::string>{"a:1"});
}

}  // namespace
}  // namespace wse::backplane_redis::parts
