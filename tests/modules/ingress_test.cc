// SPDX-License-Identifier: MIT
#include "parts/ingress.h"

#include <algorithm>

#include "support/backplane_fixture.h"

namespace wse::backplane_redis::parts {
namespace {

using test::RedisServer;

constexpr uint32_t kLetters = 1, kPublished = 2, kRefused = 3;
constexpr uint64_t kLease = 60'000;

class IngressTest : public BackplaneTest {
protected:
    IngressTest() : locator_(keep(make_locator(&loop_, {.url = server_.url()}))) {
        link_ = &link(locator_, "{wse}:");
        letters_ = &keep(std::make_unique<DeadLetters>(site_, *link_, kLetters));
    }
    Ingress &open(uint64_t lease_ms = kLease) {
        Ingress &it = keep(make(lease_ms));
        until([&] { return it.is_here(); });
        return it;
    }
    std::unique_ptr<Ingress> make(uint64_t lease_ms) {
        return std::make_unique<Ingress>(site_, locator_, *link_, *letters_, limits_, lease_ms,
                                         IngressCounters{kPublished, kRefused});
    }
    void add(std::vector<std::string> fields) {
        fields.insert(fields.begin(), {"XADD", "wse:ingress", "*"});
        server_.run(fields);
    }
    bool is_empty() { return server_.run({"XLEN", "wse:ingress"}) == "0"; }
    void until_listening() {
        until([&] { return server_.run({"PUBSUB", "NUMPAT"}) == "1"; });
    }
    std::string letter(const std::string &topic) {
        std::string text;
        until([&] {
            text = server_.run({"XRANGE", "{wse}:dlq:" + topic, "-", "+"});
            return !text.empty();
        });
        return text.substr(text.find(' ') + 1);
    }

    RedisServer server_;
    Locator &locator_;
    Site other_ = site_;  // another host, that outlives its parts
    Link *link_ = nullptr;
    DeadLetters *letters_ = nullptr;
};

TEST_F(IngressTest, PublishesTheEntriesOfTheStreamAndRemovesThem) {
    add({"topic", "orders", "payload", "{\"n\":1}", "type", "placed", "id", "i", "priority", "8",
         "extra", "{\"cid\":\"c\"}", "note", "mine"});
    add({"topic", "orders", "payload", "[2]"});
    add({"topic", "a:b", "event",
         R"({"event_type":"X","payload":{},"metadata":{"event_id":"e"}})"});
    const std::string id = server_.run({"XREVRANGE", "wse:ingress", "+", "-", "COUNT", "3"});
    open();
    until([&] { return host_->published.size() == 3 && is_empty(); });
    std::map<std::string, FakeHost::Publication> by_payload;
    for (const auto &it : host_->published) by_payload[it.payload] = it;
    const auto &first = by_payload.at("{\"n\":1}"), &bus = by_payload.at("{}");
    EXPECT_EQ(first.topic + first.type + first.id + first.extra, "ordersplacedi{\"cid\":\"c\"}");
    EXPECT_EQ(first.priority, 8u);
    EXPECT_NE(id.find(by_payload.at("[2]").id), std::string::npos) << "the id of its entry";
    EXPECT_EQ(bus.topic + bus.type + bus.id, "a:bxe");
    EXPECT_EQ(host_->counters[kPublished], 3);
    add({"topic", "orders", "payload", "3"});
    until([&] { return host_->published.size() == 4 && is_empty(); });
}

TEST_F(IngressTest, PutsWhatIsNoPublicationIntoTheDeadLetters) {
    add({"topic", "t1", "payload", "{\"n\":"});
    add({"topic", "t2", "payload", "1", "priority", "high"});
    add({"topic", "t3", "event", "[]"});
    add({"payload", "1", "type", "x"});
    add({"topic", "t5"});
    open();
    EXPECT_EQ(letter("t1"), "topic t1 message {\"n\": reason payload: is not JSON");
    EXPECT_EQ(letter("t2"), "topic t2 message 1 reason priority: is no number");
    EXPECT_EQ(letter("t3").substr(0, 39), "topic t3 message [] reason the event is");
    EXPECT_NE(letter("(others)").find("reason topic: is missing"), std::string::npos);
    EXPECT_EQ(letter("t5").substr(0, 13), "topic t5 mess");
    until([&] { return is_empty(); });
    EXPECT_EQ(host_->counters[kRefused], 5);
    EXPECT_EQ(host_->counters[kLetters], 5);
    EXPECT_TRUE(host_->published.empty());
}

TEST_F(IngressTest, PutsWhatTheServerRefusesForGoodIntoTheDeadLetters) {
    host_->refusal = [](const FakeHost::Publication &it) {
        return it.topic == "now" ? WSE_EINVAL : WSE_OK;
    };
    host_->verdict = [](const FakeHost::Publication &it) {
        return it.topic == "later" ? WSE_ETOOBIG : WSE_OK;
    };
    add({"topic", "now", "payload", "1", "id", "a"});
    add({"topic", "later", "payload", "2", "id", "b"});
    add({"topic", "fine", "payload", "3", "id", "c"});
    open();
    EXPECT_NE(letter("now").find("reason was refused: invalid argument"), std::string::npos);
    EXPECT_EQ(
        letter("later"),
        "topic later message {\"t\":\"\",\"p\":2,\"metadata\":{\"event_id\":\"b\"}} reason was "
        "refused: over the configured limit");
    until([&] { return is_empty(); });
    ASSERT_EQ(host_->published.size(), 1u);
    EXPECT_EQ(host_->published[0].payload, "3");
}

TEST_F(IngressTest, TriesAgainWhileTheServerHasNoRoomAndKeepsTheOrderOfATopic) {
    // Every third time, so that those behind one that is refused would have been taken.
    int asked = 0;
    host_->verdict = [&](const FakeHost::Publication &it) {
        return it.topic == "full" && asked < 9 && ++asked % 3 != 2 ? WSE_EAGAIN : WSE_OK;
    };
    for (int i = 0; i < 20; ++i) {
        add({"topic", "full", "payload", std::to_string(i)});
        add({"topic", "free", "payload", std::to_string(i)});
    }
    open();
    until([&] { return host_->published.size() == 40 && is_empty(); });
    std::map<std::string, int> next;
    for (const auto &it : host_->published)
        EXPECT_EQ(it.payload, std::to_string(next[it.topic]++)) << it.topic;
    EXPECT_EQ(host_->published[19].topic, "free") << "it waited for the other topic";
    EXPECT_EQ(host_->counters[kRefused], 0);
}

TEST_F(IngressTest, PublishesWhatIsPublishedOnChannels) {
    open();
    until_listening();
    server_.run({"PUBLISH", "wse:user:7:orders_events", R"({"event_type":"A","payload":{"n":1}})"});
    server_.run({"PUBLISH", "wse:t", "hello"});
    server_.run({"PUBLISH", "other:t", "{}"});
    EXPECT_EQ(letter("t"), "topic t message hello reason the event is not JSON");
    ASSERT_EQ(host_->published.size(), 1u);
    EXPECT_EQ(host_->published[0].topic, "user:7:orders_events");
    EXPECT_EQ(host_->published[0].type, "a");
    EXPECT_NE(host_->published[0].id, "");
}

TEST_F(IngressTest, TakesAPrefixAsItIsAlsoForAPattern) {
    site_.prefix = "w[s]*";
    open();
    until_listening();
    EXPECT_EQ(server_.run({"PUBLISH", "wsx:t", "{\"p\":1}"}), "0");
    EXPECT_EQ(server_.run({"PUBLISH", "w[s]*:t", "{\"p\":1}"}), "1");
    until([&] { return host_->published.size() == 1; });
    EXPECT_EQ(host_->published[0].topic, "t");
}

TEST_F(IngressTest, IsDoneByOneHostAndByAnotherWhenThatGoes) {
    auto first = make(kLease);
    until([&] { return first->is_here(); });
    other_.host_id = "other";
    auto &second = keep(std::make_unique<Ingress>(other_, locator_, *link_, *letters_, limits_, 300,
                                                  IngressCounters{kPublished, kRefused}));
    until_listening();
    server_.run({"PUBLISH", "wse:t", "{\"p\":1}"});
    add({"topic", "t", "payload", "2"});
    until([&] { return host_->published.size() == 2 && is_empty(); });
    EXPECT_FALSE(second.is_here());
    bool closed = false;
    first->close([&] { closed = true; });
    until([&] { return closed && second.is_here(); });
    until_listening();
    server_.run({"PUBLISH", "wse:t", "{\"p\":3}"});
    add({"topic", "t", "payload", "4"});
    until([&] { return host_->published.size() == 4 && is_empty(); });
}

TEST_F(IngressTest, ReadsEntriesAgainThatAHostHasLeftBehind) {
    host_->verdict = [](const FakeHost::Publication &) { return WSE_EAGAIN; };
    auto first = make(kLease);
    for (int i = 0; i < 3; ++i) add({"topic", "t", "payload", std::to_string(i)});
    until([&] { return first->is_here(); });
    bool closed = false;
    first->close([&] { closed = true; });
    until([&] { return closed; });
    EXPECT_EQ(server_.run({"XLEN", "wse:ingress"}), "3");
    host_->verdict = nullptr;
    open();
    until([&] { return host_->published.size() == 3 && is_empty(); });
}

TEST_F(IngressTest, GoesOnAfterARestartOfRedis) {
    open(300);
    until_listening();
    server_.stop();
    until([&] { return !link_->is_up(); });
    server_.start();
    add({"topic", "t", "payload", "1"});
    until([&] { return host_->published.size() == 1 && is_empty(); });
    until_listening();
    server_.run({"PUBLISH", "wse:t", "{\"p\":2}"});
    until([&] { return host_->published.size() == 2; });
}

TEST_F(IngressTest, PassesOverAnEntryThatNoReplyCanCarry) {
    limits_.reply_bytes = 1 << 20;
    server_.run({"XADD", "wse:ingress", "*", "topic", "t", "payload", "0"});
    server_.run({"XADD", "wse:ingress", "*", "topic", "t", "payload",
                 '"' + std::string(3 << 20, 'x') + '"'});
    server_.run({"XADD", "wse:ingress", "*", "topic", "t", "payload", "2"});
    open();
    until([&] { return host_->published.size() == 2 && is_empty(); });
    EXPECT_NE(letter("(others)").find("was too large to read"), std::string::npos);
}

TEST_F(IngressTest, ReadsLargeEntriesWithoutReadingThemOverAndOver) {
    limits_.reply_bytes = 1 << 20;
    constexpr int kEntries = 40;
    constexpr int kBytes = 200'000;
    for (int i = 0; i < kEntries; ++i)
        add({"topic", std::to_string(i), "payload", '"' + std::string(kBytes, 'x') + '"'});
    server_.run({"CONFIG", "RESETSTAT"});
    open();
    until([&] { return host_->published.size() == kEntries && is_empty(); });
    const std::string stats = server_.run({"INFO", "stats"});
    const std::string name = "total_net_output_bytes:";
    EXPECT_LT(std::stoll(stats.substr(stats.find(name) + name.size())), 4LL * kEntries * kBytes);
    EXPECT_EQ(host_->lines.find("ingress.lost"), std::string::npos) << "its own limit is no loss";
}

TEST_F(IngressTest, LeavesItsQueueToTheHostThatHasTheLeaseNow) {
    host_->verdict = [](const FakeHost::Publication &it) {
        return it.topic == "full" ? WSE_EAGAIN : WSE_OK;
    };
    Ingress &it = open(300);
    for (int i = 0; i < 5; ++i) add({"topic", "full", "payload", std::to_string(i)});
    add({"topic", "free", "payload", "1"});
    until([&] { return host_->published.size() == 1; });
    server_.run({"SET", "{wse}:lease", "other"});
    until([&] { return !it.is_here(); });
    // The other host publishes everything, also what is added while a read is under way here.
    add({"topic", "free", "payload", "2"});
    server_.run({"DEL", "wse:ingress"});
    host_->verdict = nullptr;
    server_.run({"DEL", "{wse}:lease"});
    until([&] { return it.is_here(); });
    add({"topic", "full", "payload", "6"});
    add({"topic", "free", "payload", "3"});
    until([&] { return is_empty(); });
    std::string published;
    for (const auto &each : host_->published) published += each.payload;
    std::sort(published.begin(), published.end());
    EXPECT_EQ(published, "136");
}

TEST_F(IngressTest, AsksForTheLeaseByTheClockBeforeEachEntry) {
    bool ours = true;
    auto &queue = keep(std::make_unique<IngressQueue>(
        site_, *letters_, IngressCounters{kPublished, kRefused}, [&] { return ours; },
        [](const std::string &) {}));
    const auto entry = [](const char *id) {
        IngressEntry it = read_channel("t", "{\"p\":1}");
        it.id = it.message.id = id;
        return it;
    };
    queue.add(entry("1-0"));
    queue.add(entry("2-0"));
    queue.add(read_channel("c", "{\"p\":1}"));
    ours = false;  // while the first one is with the server
    until([&] { return host_->published.size() == 2; });
    queue.leave_stream();
    ours = true;
    EXPECT_TRUE(queue.has("1-0"));
    EXPECT_FALSE(queue.has("2-0"));
    queue.add(read_channel("t", "{\"p\":2}"));
    until([&] { return host_->published.size() == 3; });
    EXPECT_EQ(host_->published[2].payload, "2");
}

TEST_F(IngressTest, LosesNoEntryOfABurstThatIsMalformed) {
    constexpr int kEntries = 700;
    for (int i = 0; i < kEntries; ++i) add({"topic", "t", "payload", "{\"n\":"});
    open();
    until([&] { return is_empty(); });
    EXPECT_EQ(server_.run({"XLEN", "{wse}:dlq:t"}), std::to_string(kEntries));
    EXPECT_EQ(host_->lines.find("dead_letter.lost"), std::string::npos);
}

TEST_F(IngressTest, RemovesAnEntryWhenItsLetterIsKept) {
    server_.run({"SET", "{wse}:dlq:t", "no stream"});
    open();
    add({"topic", "t", "payload", "{"});
    add({"topic", "u", "payload", "{"});
    letter("u");
    until([&] { return host_->lines.find("what=dead-letter") != std::string::npos; });
    until([&] { return server_.run({"XLEN", "wse:ingress"}) == "1"; });
    server_.run({"DEL", "{wse}:dlq:t"});
    letter("t");
    until([&] { return is_empty(); });
}

TEST_F(IngressTest, KeepsOneLetterOfAnEntryThatIsReadTwice) {
    auto first = make(kLease);
    until([&] { return first->is_here(); });
    add({"topic", "t", "payload", "{"});
    const std::string entry = server_.run({"XRANGE", "wse:ingress", "-", "+"});
    const std::string id = entry.substr(0, entry.find(' '));
    until([&] { return is_empty(); });
    bool closed = false;
    first->close([&] { closed = true; });
    until([&] { return closed; });
    // As if the first host had stopped before it was removed.
    server_.run({"DEL", "wse:ingress"});
    server_.run({"XADD", "wse:ingress", id, "topic", "t", "payload", "{"});
    open();
    until([&] { return is_empty(); });
    EXPECT_EQ(server_.run({"XLEN", "{wse}:dlq:t"}), "1");
}

TEST_F(IngressTest, RemovesWhatWasPublishedUntilTheEnd) {
    auto it = make(kLease);
    until([&] { return it->is_here(); });
    constexpr int kEntries = 600;
    for (int i = 0; i < kEntries; ++i) add({"topic", std::to_string(i), "payload", "1"});
    bool closed = false;
    host_->verdict = [&](const FakeHost::Publication &) {
        if (host_->published.size() == 300) it->close([&] { closed = true; });
        return WSE_OK;
    };
    until([&] { return closed; });
    EXPECT_EQ(server_.run({"XLEN", "wse:ingress"}),
              std::to_string(kEntries - static_cast<int>(host_->published.size())));
    EXPECT_LT(host_->published.size(), size_t{kEntries});
}

TEST_F(IngressTest, PublishesAMessageOfAChannelUnderOneIdHoweverOftenItTries) {
    std::vector<std::string> ids;
    host_->verdict = [&](const FakeHost::Publication &it) {
        ids.push_back(it.id);
        return ids.size() < 3 ? WSE_ETIMEDOUT : WSE_OK;
    };
    open();
    until_listening();
    server_.run({"PUBLISH", "wse:t", "{\"p\":1}"});
    server_.run({"PUBLISH", "wse:u", "{\"p\":2}"});
    until([&] { return host_->published.size() == 2; });
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    EXPECT_EQ(ids.size(), 2u) << "one of each message";
    EXPECT_NE(ids[0], "");
}

TEST_F(IngressTest, GivesTheLeaseBackWhenItCanPublishNothing) {
    host_->verdict = [](const FakeHost::Publication &) { return WSE_EAGAIN; };
    Ingress &it = open(300);
    add({"topic", "t", "payload", "1"});
    until([&] { return server_.run({"EXISTS", "{wse}:lease"}) == "0"; });
    EXPECT_NE(host_->lines.find("ingress.stuck"), std::string::npos);
    EXPECT_FALSE(it.is_here());
    host_->verdict = nullptr;
    until([&] { return host_->published.size() == 1 && is_empty(); });
}

TEST_F(IngressTest, IsLeftToOthersWhileThisHostIsNotReady) {
    Ingress &it = open(300);
    it.set_ready(false);
    EXPECT_FALSE(it.is_here());
    until([&] { return server_.run({"EXISTS", "{wse}:lease"}) == "0"; });
    server_.run({"SET", "{wse}:lease", "other"});
    it.set_ready(true);
    int turns = 0;
    until([&] { return ++turns > 20; });
    EXPECT_FALSE(it.is_here());
    server_.run({"DEL", "{wse}:lease"});
    until([&] { return it.is_here(); });
}

TEST_F(IngressTest, TellsOnceWhatRedisRefuses) {
    const auto times = [&](const std::string &what) {
        int count = 0;
        for (size_t at = 0; (at = host_->lines.find(what, at)) != std::string::npos; ++at) ++count;
        return count;
    };
    server_.run({"ACL", "SETUSER", "default", "-psubscribe", "-xdel"});
    open();
    add({"topic", "t", "payload", "1"});
    const auto asked = [&] { return server_.run({"INFO", "commandstats"}); };
    until([&] { return times("what=ingress-remove problem=\"NOPERM\"") == 1; });
    until([&] { return times("what=ingress-channel problem=\"NOPERM\"") == 1; });
    until([&] {
        return asked().find(
                   "cmdstat_psubscribe:calls=0,usec=0,usec_per_call=0.00,"
                   "rejected_calls=1,") == std::string::npos;
    });
    EXPECT_EQ(times("redis.refused"), 2);
    EXPECT_EQ(host_->published.size(), 1u);
    server_.run({"ACL", "SETUSER", "default", "+psubscribe", "+xdel"});
    until_listening();
    until([&] { return is_empty(); });
    EXPECT_EQ(host_->published.size(), 1u);
}

TEST_F(IngressTest, TellsThatItMayNotRead) {
    server_.run({"ACL", "SETUSER", "default", "-xread"});
    open();
    until([&] {
        return host_->lines.find("what=ingress-read problem=\"NOPERM\"") != std::string::npos;
    });
    server_.run({"ACL", "SETUSER", "default", "+xread"});
    add({"topic", "t", "payload", "1"});
    until([&] { return is_empty(); });
}

TEST(IngressEntry, CountsAllThatItKeeps) {
    IngressEntry entry;
    entry.id = "1";
    entry.message = {"22", "333", "4444", "55555", "666666", 0, 0};
    entry.text = "7777777";
    EXPECT_EQ(entry.bytes(), 28u);
}

TEST_F(IngressTest, RemovesEntriesWhenRedisTakesWritesAgain) {
    bool is_free = false;
    host_->verdict = [&](const FakeHost::Publication &) { return is_free ? WSE_OK : WSE_EAGAIN; };
    open();
    for (int i = 0; i < 3; ++i) add({"topic", "t", "payload", std::to_string(i)});
    server_.run({"CONFIG", "SET", "min-replicas-to-write", "1"});
    is_free = true;
    until([&] {
        return server_.run({"INFO", "errorstats"}).find("NOREPLICAS") != std::string::npos &&
               host_->published.size() == 3;
    });
    EXPECT_FALSE(is_empty());
    server_.run({"CONFIG", "SET", "min-replicas-to-write", "0"});
    until([&] { return is_empty(); });
    EXPECT_EQ(host_->published.size(), 3u);
}

TEST_F(IngressTest, BoundsWhatWaitsFromChannels) {
    host_->refusal = [](const FakeHost::Publication &) { return WSE_EAGAIN; };
    int done = 0;
    auto queue = std::make_unique<IngressQueue>(
        site_, *letters_, IngressCounters{kPublished, kRefused}, [] { return true; },
        [&](const std::string &) { ++done; });
    int taken = 0;
    while (queue->add(read_channel("t", "{\"p\":1}"))) ++taken;
    EXPECT_EQ(taken, 10'000);
    EXPECT_FALSE(queue->wants_more());
    EXPECT_EQ(host_->counters[kRefused], 1);
    bool closed = false;
    queue->close([&] { closed = true; });
    until([&] { return closed; });
    EXPECT_EQ(done, 0);
}

}  // namespace
}  // namespace wse::backplane_redis::parts
