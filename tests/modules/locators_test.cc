// SPDX-License-Identifier: MIT
// Locators and links, with real sentinels and a real cluster.
#include "parts/locators.h"

#include <fstream>

#include "parts/reply_text.h"
#include "support/backplane_fixture.h"

namespace wse::backplane_redis::parts {
namespace {

using test::RedisServer;

struct Place {
    bool answered = false;
    std::optional<redis::Url> at;
    std::string problem;
};

class LocatorsTest : public BackplaneTest {
protected:
    Locator &locator(const LocatorOptions &options) {
        EXPECT_EQ(locator_problem(options), "");
        return keep(make_locator(&loop_, options));
    }
    Place locate(Locator &where, const std::string &key) {
        Place place;
        uv_update_time(&loop_);  // servers were started meanwhile
        where.locate(key, [&](const std::optional<redis::Url> &at, const std::string &problem) {
            place = {true, at, problem};
        });
        EXPECT_FALSE(place.answered) << "inside the call";
        until([&] { return place.answered; });
        return place;
    }
};

TEST_F(LocatorsTest, SaysTheFixedAddressLater) {
    const Place place = locate(locator({.url = "redis://u:p@h.example:7/3"}), "{wse:1}:s");
    EXPECT_EQ(place.at->shown(), "redis://h.example:7/3");
    EXPECT_EQ(place.at->password, "p");
}

TEST_F(LocatorsTest, NamesTheOptionThatIsWrongAndNoSecret) {
    const std::pair<LocatorOptions, const char *> wrong[] = {
        {{.url = "rediss://:hush@h"}, "url: is neither"},
        {{.sentinels = {"a:1"}}, "master: sentinels are asked"},
        {{.master = "m"}, "master: no sentinels"},
        {{.sentinels = {"a:1", ":hush@b"}, .master = "m"}, "sentinels: number 2 is not host:port"},
        {{.cluster = {"a"}}, "cluster: number 1 is not host:port"},
        {{.cluster = {"[::1]"}}, "cluster: number 1 is not host:port"},
        {{.cluster = {"a:0"}}, "cluster: number 1 has no host"},
        {{.url = "redis://h/2", .cluster = {"a:1"}}, "url: a cluster has no database"},
        {{.sentinels = {"a:1"}, .master = "m", .cluster = {"a:1"}}, "cannot be given together"},
    };
    for (const auto &[options, sentence] : wrong) {
        const std::string problem = locator_problem(options);
        EXPECT_NE(problem.find(sentence), std::string::npos) << problem;
        EXPECT_EQ(problem.find("hush"), std::string::npos);
    }
    EXPECT_EQ(locator_problem({.cluster = {"[::1]:7000", ":secret@b.example:1"}}), "");
}

TEST(SlotOf, IsThatOfTheHashTag) {
    EXPECT_EQ(slot_of("123456789"), 0x31c3 % 16384);
    EXPECT_EQ(slot_of("foo"), 12182);
    EXPECT_EQ(slot_of("{foo}:s"), 12182);
    EXPECT_EQ(slot_of("a{foo}{bar}"), 12182);
    EXPECT_EQ(slot_of("{}foo"), slot_of("{}foo"));
    EXPECT_NE(slot_of("{}foo"), slot_of("{}bar"));
    EXPECT_EQ(slot_of("foo{bar"), slot_of("foo{bar"));
}

class Sentinels {
public:
    explicit Sentinels(const RedisServer &master) {
        for (int i = 0; i < 3; ++i) {
            const std::string file = directory_.path() + '/' + std::to_string(i) + ".conf";
            std::ofstream(file) << "sentinel monitor orders 127.0.0.1 " << master.port() << " 2\n"
                                << "sentinel down-after-milliseconds orders 300\n"
                                << "sentinel failover-timeout orders 1000\n";
            servers_.push_back(std::make_unique<RedisServer>(
                "redis-server", RedisServer::Words{file, "--sentinel"}));
        }
    }
    RedisServer &operator[](size_t index) { return *servers_[index]; }
    std::vector<std::string> addresses() const {
        std::vector<std::string> addresses;
        for (const auto &each : servers_) addresses.push_back(each->address());
        return addresses;
    }
    // All of them know one another and the replica: a fail-over can succeed.
    bool are_ready() {
        for (const auto &each : servers_) {
            const std::string state = each->run({"SENTINEL", "MASTER", "orders"});
            if (state.find("num-other-sentinels 2") == std::string::npos ||
                state.find("num-slaves 1") == std::string::npos)
                return false;
        }
        return true;
    }

private:
    const test::Directory directory_;
    std::vector<std::unique_ptr<RedisServer>> servers_;
};

TEST_F(LocatorsTest, FollowsTheMasterThatSentinelsHaveElected) {
    RedisServer master;
    RedisServer replica({"--replicaof", "127.0.0.1 " + std::to_string(master.port()),
                         "--repl-diskless-sync-delay", "0"});
    Sentinels sentinels(master);
    while (!sentinels.are_ready()) usleep(20'000);
    LocatorOptions options{.sentinels = sentinels.addresses(), .master = "orders"};
    options.sentinels.insert(options.sentinels.begin(),
                             "127.0.0.1:" + std::to_string(test::free_port()));
    Locator &where = locator(options);
    Link &connection = link(where, "{wse:1}:s");
    until([&] { return connection.is_up(); });
    EXPECT_EQ(connection.address(), master.url() + "/0");

    master.stop();
    sentinels[0].stop();
    until([&] { return !connection.is_up(); });
    until([&] { return connection.is_up(); });
    EXPECT_EQ(connection.address(), replica.url() + "/0");
    ASSERT_FALSE(downs_.empty());
}

TEST_F(LocatorsTest, SaysWhyNoSentinelKnowsTheMaster) {
    RedisServer master;
    Sentinels sentinels(master);
    const Place place =
        locate(locator({.sentinels = {sentinels[0].address()}, .master = "nobody"}), "k");
    EXPECT_FALSE(place.at);
    EXPECT_NE(place.problem.find("knows no master of that name"), std::string::npos);
    sentinels[0].stop();
    EXPECT_FALSE(
        locate(locator({.sentinels = {sentinels[0].address()}, .master = "orders"}), "k").at);
}

class Cluster {
public:
    Cluster() {
        std::vector<std::string> words = {"redis-cli", "--cluster", "create"};
        for (int i = 0; i < 3; ++i) {
            servers_.push_back(std::make_unique<RedisServer>(RedisServer::Words{
                "--cluster-enabled", "yes", "--cluster-port", std::to_string(test::free_port())}));
            words.push_back(servers_.back()->address());
        }
        words.emplace_back("--cluster-yes");
        std::vector<const char *> raw;
        for (const std::string &word : words) raw.push_back(word.c_str());
        raw.push_back(nullptr);
        child create = child_start(raw.data());
        for (char text[512]; read(create.output, text, sizeof text) > 0;) continue;
        child_stop(&create);
        for (const auto &each : servers_) {
            while (each->run({"CLUSTER", "INFO"}).find("cluster_state:ok") == std::string::npos)
                usleep(20'000);
        }
    }
    RedisServer &operator[](size_t index) { return *servers_[index]; }
    RedisServer &at(const redis::Url &url) {
        for (const auto &each : servers_) {
            if (each->port() == url.port) return *each;
        }
        MUST(false);
    }

private:
    std::vector<std::unique_ptr<RedisServer>> servers_;
};

TEST_F(LocatorsTest, FindsTheNodeOfEachSlotOfACluster) {
    Cluster cluster;
    Locator &where = locator(
        {.cluster = {"127.0.0.1:" + std::to_string(test::free_port()), cluster[1].address()}});
    std::map<uint16_t, int> used;
    for (int shard = 0; shard < 32; ++shard) {
        const std::string key = "{wse:" + std::to_string(shard) + "}:s";
        EXPECT_EQ(cluster[0].run({"CLUSTER", "KEYSLOT", key}), std::to_string(slot_of(key)));
        const Place place = locate(where, key);
        ASSERT_TRUE(place.at) << place.problem;
        EXPECT_EQ(cluster.at(*place.at).run({"SET", key, "1"}), "OK");
        ++used[place.at->port];
    }
    EXPECT_EQ(used.size(), 3u);
}

TEST_F(LocatorsTest, AsksNodesThatItHasHeardOfWhenThoseThatWereNamedAreGone) {
    Cluster cluster;
    Locator &where = locator({.cluster = {cluster[0].address()}});
    std::string key = "{wse:0}:s";
    for (int i = 1; locate(where, key).at.value().port == cluster[0].port(); ++i)
        key = "{wse:" + std::to_string(i) + "}:s";
    cluster[0].stop();
    where.moved(key);
    const Place place = locate(where, key);
    ASSERT_TRUE(place.at) << place.problem;
    EXPECT_NE(place.at->port, cluster[0].port());
}

TEST_F(LocatorsTest, AnswersThoughAnAddressIsCalledWrongMeanwhile) {
    Cluster cluster;
    Locator &where = locator({.cluster = {cluster[0].address()}});
    std::optional<redis::Url> found;
    bool answered = false;
    std::string why;
    uv_update_time(&loop_);  // servers were started meanwhile
    where.locate("k", [&](const std::optional<redis::Url> &at, const std::string &problem) {
        answered = true;
        found = at;
        why = problem;
    });
    until([&] {
        if (!answered) where.moved("k");
        return answered;
    });
    EXPECT_TRUE(found) << why;
}

TEST_F(LocatorsTest, TakesThePasswordOfTheNodeThatToldWhereUrlHasNone) {
    Cluster cluster;
    Locator &where = locator({.cluster = {"default:pass@" + cluster[0].address()}});
    const Place place = locate(where, "k");
    ASSERT_TRUE(place.at) << place.problem;
    EXPECT_EQ(place.at->user + ':' + place.at->password, "default:pass");
}

TEST(ReplyText, KnowsWhatIsSaidByAServerThatIsNoMasterAnyMore) {
    for (std::string text : {"UNBLOCKED force unblock", "READONLY You can't", "MOVED 1 h:1"}) {
        redisReply reply{};
        reply.type = REDIS_REPLY_ERROR;
        reply.str = text.data();
        reply.len = text.size();
        EXPECT_TRUE(is_elsewhere(reply)) << text;
    }
}

TEST_F(LocatorsTest, FollowsASlotThatHasMovedToAnotherNode) {
    Cluster cluster;
    Locator &where = locator({.cluster = {cluster[0].address()}});
    const std::string key = "{wse:1}:s";
    Link &connection = link(where, key);
    until([&] { return connection.is_up(); });
    const std::string before = connection.address();

    const std::string slot = std::to_string(slot_of(key));
    RedisServer &to = cluster[0].url() + "/0" == before ? cluster[1] : cluster[0];
    const std::string id = to.run({"CLUSTER", "MYID"});
    for (size_t i = 0; i < 3; ++i)
        EXPECT_EQ(cluster[i].run({"CLUSTER", "SETSLOT", slot, "NODE", id}), "OK");
    redis::Failure failure = redis::Failure::kNone;
    bool answered = false;
    connection.send({"SET", key, "2"}, 5000, [&](redis::Failure how, const redisReply *reply) {
        answered = true;
        failure = how;
        EXPECT_EQ(reply, nullptr);
    });
    until([&] { return answered; });
    EXPECT_EQ(failure, redis::Failure::kUnavailable) << "MOVED is no answer";
    until([&] { return connection.is_up() && connection.address() != before; });
    EXPECT_EQ(connection.address(), to.url() + "/0");
}

TEST_F(LocatorsTest, IsUpAtAMasterOnlyAndComesBackAfterARestart) {
    RedisServer server;
    Locator &where = locator({.url = server.url()});
    Link &connection = link(where, "k");
    until([&] { return connection.is_up(); });
    EXPECT_NE(connection.send({"PING"}, 1000, [](redis::Failure, const redisReply *) {}), 0u);
    server.stop();
    until([&] { return !connection.is_up(); });
    EXPECT_EQ(connection.send({"PING"}, 1000, [](redis::Failure, const redisReply *) {}), 0u);
    server.start();
    until([&] { return connection.is_up(); });
    server.run({"REPLICAOF", "127.0.0.1", std::to_string(test::free_port())});
    connection.send({"SET", "a", "1"}, 5000, [](redis::Failure, const redisReply *) {});
    until([&] { return !connection.is_up(); });
    until([&] { return downs_.size() == 2; });
    EXPECT_EQ(ups_, 2);
    EXPECT_EQ(downs_[1], "READONLY");
    server.run({"REPLICAOF", "NO", "ONE"});
    until([&] { return connection.is_up(); });
}

TEST_F(LocatorsTest, ClosesAtAnyTime) {
    RedisServer server;
    const std::string dead = "127.0.0.1:" + std::to_string(test::free_port());
    for (int turns = 0; turns < 12; ++turns) {
        for (const LocatorOptions &options :
             {LocatorOptions{.url = server.url()},
              LocatorOptions{.sentinels = {dead, server.address()}, .master = "m"},
              LocatorOptions{.cluster = {dead, server.address()}}}) {
            auto where = make_locator(&loop_, options);
            Link it(&loop_, *where, "k", limits_, {[] {}, [](const std::string &) {}});
            for (int i = 0; i < turns; ++i) uv_run(&loop_, UV_RUN_NOWAIT);
            int closed = 0;
            it.close([&] { ++closed; });
            where->close([&] { ++closed; });
            until([&] { return closed == 2; });
        }
    }
}

}  // namespace
}  // namespace wse::backplane_redis::parts
