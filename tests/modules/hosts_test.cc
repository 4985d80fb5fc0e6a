// SPDX-License-Identifier: MIT
#include "parts/hosts.h"

#include "parts/lease.h"
#include "support/backplane_fixture.h"

namespace wse::backplane_redis::parts {
namespace {

using test::RedisServer;

// One host of several.
struct Member {
    Site site;
    std::vector<std::string> gone;
    int returned = 0;
    Hosts *hosts = nullptr;
};

class HostsTest : public BackplaneTest {
protected:
    HostsTest() : locator_(keep(make_locator(&loop_, {.url = server_.url()}))) {
        link_ = &link(locator_, "{wse}:");
        until([&] { return link_->is_up(); });
    }
    // Renews its lease every third of `lease_ms`.
    Member &join(const std::string &name, uint64_t lease_ms) {
        members_.push_back(std::make_unique<Member>());
        Member &it = *members_.back();
        it.site = site_;
        it.site.host_id = name;
        HostsEvents events;
        events.gone = [&it](const std::string &host) { it.gone.push_back(host); };
        events.returned = [&it] { ++it.returned; };
        events.changed = [] {};
        it.hosts = &keep(std::make_unique<Hosts>(it.site, *link_, lease_ms, std::move(events)));
        until([&] { return !it.hosts->live().empty(); });
        return it;
    }
    static std::string shown(const Member &it) {
        std::string text;
        for (const std::string &host : it.hosts->live()) text += host + ' ';
        return text;
    }

    RedisServer server_;
    std::vector<std::unique_ptr<Member>> members_;
    Locator &locator_;
    Link *link_;
};

TEST_F(HostsTest, KnowsAllWhoHaveALease) {
    const Member &a = join("a", 300);
    EXPECT_EQ(shown(a), "a ");
    const Member &b = join("b", 300);
    EXPECT_EQ(shown(b), "a b ");
    until([&] { return shown(a) == "a b "; });
    EXPECT_TRUE(a.gone.empty() && b.gone.empty());
    EXPECT_EQ(a.returned, 0);
}

TEST_F(HostsTest, TellsOneHostOfAnotherWhoseLeaseIsOver) {
    server_.run({"ZADD", "{wse}:hosts", "1000", "dead"});
    const Member &a = join("a", 300);
    const Member &b = join("b", 300);
    until([&] { return !a.gone.empty(); });
    a.hosts->settled("dead");
    until([&] { return server_.run({"ZCARD", "{wse}:leaving"}) == "0"; });
    EXPECT_EQ(a.gone, std::vector<std::string>{"dead"});
    EXPECT_TRUE(b.gone.empty());
    EXPECT_EQ(shown(b), "a b ");
}

TEST_F(HostsTest, TellsAnotherOneWhenWhoWasToldDoesNotSettle) {
    // Claimed by a host that has gone itself, half a minute ago.
    server_.run({"ZADD", "{wse}:leaving", "1000", "dead"});
    const Member &a = join("a", 300);
    until([&] { return a.gone.size() == 1; });
    EXPECT_NE(server_.run({"ZSCORE", "{wse}:leaving", "dead"}), "nil");
    server_.run({"ZADD", "{wse}:leaving", "1000", "dead"});
    until([&] { return a.gone.size() == 2; });
}

TEST_F(HostsTest, TellsAHostThatItWasTakenForGoneWhenItHasBeenRemoved) {
    const Member &a = join("a", 300);
    // Another host has claimed it, and is not ready.
    server_.run({"ZREM", "{wse}:hosts", "a"});
    server_.run({"ZADD", "{wse}:leaving", "99999999999999", "a"});
    until([&] { return server_.run({"ZSCORE", "{wse}:hosts", "a"}) != "nil"; });
    EXPECT_EQ(a.returned, 0);
    server_.run({"ZREM", "{wse}:leaving", "a"});
    until([&] { return a.returned == 1; });
    EXPECT_TRUE(a.gone.empty());
}

TEST_F(HostsTest, ReturnsWhenRedisHasLostAllItKnew) {
    const Member &a = join("a", 300);
    server_.run({"FLUSHALL"});
    until([&] { return a.returned == 1; });
    EXPECT_EQ(shown(a), "a ");
}

TEST_F(HostsTest, LeavesAtTheEndSoThatOthersCleanUpAtOnce) {
    const Member &a = join("a", 300);
    Site site = site_;
    site.host_id = "b";
    auto b = std::make_unique<Hosts>(site, *link_, 60'000,
                                     HostsEvents{[](const std::string &) {}, [] {}, [] {}});
    until([&] { return shown(a) == "a b "; });
    bool closed = false;
    b->close([&] { closed = true; });
    until([&] { return closed; });
    until([&] { return a.gone == std::vector<std::string>{"b"}; });
    EXPECT_EQ(shown(a), "a ");
}

TEST_F(HostsTest, TellOnceWhatRedisRefuses) {
    join("a", 300);
    server_.run({"ACL", "SETUSER", "default", "-eval"});
    const std::string line = "what=host-lease problem=\"NOPERM\"";
    until([&] { return host_->lines.find(line) != std::string::npos; });
    until([&] {
        return server_.run({"INFO", "errorstats"}).find("NOPERM:count=1\r") == std::string::npos;
    });
    EXPECT_EQ(host_->lines.find(line), host_->lines.rfind(line));
    server_.run({"ACL", "SETUSER", "default", "+eval"});
}

TEST_F(HostsTest, GoesOnAfterARestartOfRedis) {
    const Member &a = join("a", 300);
    server_.stop();
    until([&] { return !link_->is_up(); });
    server_.start();
    until([&] { return a.returned == 1; });
    EXPECT_EQ(shown(a), "a ");
}

class LeaseTest : public HostsTest {
protected:
    std::unique_ptr<Lease> lease(const std::string &holder, uint64_t lease_ms, bool &ret_held) {
        sites_.push_back(site_);
        sites_.back().host_id = holder;
        return std::make_unique<Lease>(sites_.back(), *link_, "{wse}:lease", lease_ms,
                                       [&ret_held](bool held) { ret_held = held; });
    }

    std::deque<Site> sites_;
};

TEST_F(LeaseTest, IsHeldByOneAndTakenByTheOtherWhenItIsGivenBack) {
    bool has_a = false, has_b = false;
    auto a = lease("a", 60'000, has_a);
    until([&] { return has_a; });
    auto &b = keep(lease("b", 300, has_b));
    int asked = 0;
    until([&] { return ++asked > 20; });
    EXPECT_FALSE(has_b);
    bool closed = false;
    a->close([&] { closed = true; });
    until([&] { return closed && has_b; });
    EXPECT_TRUE(b.is_held());
}

TEST_F(LeaseTest, RestsWhenItIsToldTo) {
    bool has_a = false, has_b = false;
    auto &a = keep(lease("a", 60'000, has_a));
    until([&] { return has_a; });
    auto &b = keep(lease("b", 300, has_b));
    a.rest(60'000);
    EXPECT_FALSE(has_a);
    until([&] { return has_b; });
    b.want(false);
    until([&] { return server_.run({"EXISTS", "{wse}:lease"}) == "0"; });
    EXPECT_FALSE(has_a || has_b);
    b.want(true);
    until([&] { return has_b; });
}

TEST_F(LeaseTest, IsOverByTheClockAndNotWhenThatIsHeard) {
    bool held = false;
    auto &it = keep(lease("a", 300, held));
    until([&] { return held; });
    // As in a process that is paused: the loop does not turn.
    while (it.is_held()) continue;
    EXPECT_TRUE(held);
}

TEST_F(LeaseTest, TellsWhatRedisRefuses) {
    bool held = false;
    keep(lease("a", 300, held));
    until([&] { return held; });
    server_.run({"ACL", "SETUSER", "default", "-eval"});
    until([&] { return !held; });
    EXPECT_NE(host_->lines.find("what=lease problem=\"NOPERM\""), std::string::npos);
    server_.run({"ACL", "SETUSER", "default", "+eval"});
    until([&] { return held; });
}

TEST_F(LeaseTest, IsLostWhenItCannotBeRenewed) {
    bool held = false;
    keep(lease("a", 300, held));
    until([&] { return held; });
    server_.freeze();
    until([&] { return !held; });
    server_.thaw();
    until([&] { return held; });
}

}  // namespace
}  // namespace wse::backplane_redis::parts
