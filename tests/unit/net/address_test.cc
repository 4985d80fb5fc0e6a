// SPDX-License-Identifier: MIT
#include "net/address.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <string>

namespace wse::net {
namespace {

void close_all(const Bound &bound) {
    for (const int fd : bound.fds) ::close(fd);
}

TEST(Address, ReadsWhatOperatorsWrite) {
    for (const char *text : {"127.0.0.1:5006", "0.0.0.0:0", "[::1]:80", "[2001:db8::1]:65535"}) {
        const Result<Address> address = parse_address(text);
        ASSERT_TRUE(address.ok()) << text;
        EXPECT_EQ(address->text(), text);
    }
}

TEST(Address, RefusesEverythingElseWithAHint) {
    for (const char *text :
         {"", "127.0.0.1", "127.0.0.1:", ":80", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:80x",
          "::1:80", "[::1]", "localhost:80", "127.0.0.256:80", "*:80"}) {
        const Result<Address> address = parse_address(text);
        ASSERT_FALSE(address.ok()) << text;
        EXPECT_TRUE(address.error().text.starts_with(std::string(text) + ": "));
    }
}

TEST(Bind, GivesEveryLoopASocketOfOnePort) {
    const Result<Bound> bound = bind_address("127.0.0.1:0", 3);
    ASSERT_TRUE(bound.ok()) << bound.error().text;
    EXPECT_EQ(bound->fds.size(), 3U);
    EXPECT_NE(parse_address(bound->address)->port(), 0);
    for (const int fd : bound->fds) {
        Address address;
        address.size = sizeof address.storage;
        getsockname(fd, reinterpret_cast<sockaddr *>(&address.storage), &address.size);
        EXPECT_EQ(address.text(), bound->address);
    }
    close_all(*bound);
}

TEST(Bind, RefusesAPortThatAnotherServerOfThisUserHas) {
    const Result<Bound> first = bind_address("127.0.0.1:0", 2);
    ASSERT_TRUE(first.ok());
    const Result<Bound> second = bind_address(first->address, 2);
    ASSERT_FALSE(second.ok());
    EXPECT_TRUE(second.error().text.starts_with("cannot bind " + first->address +
                                                ": address already in use"));
    close_all(*first);
}

TEST(Bind, SaysThatAnAddressIsNotOurs) {
    const Result<Bound> bound = bind_address("192.0.2.1:0", 1);
    ASSERT_FALSE(bound.ok());
    EXPECT_NE(bound.error().text.find("no interface"), std::string::npos);
}

TEST(Connector, ReadsUrlsAndRefusesNonsense) {
    EXPECT_TRUE(connector_to("http://127.0.0.1:8000").ok());
    EXPECT_TRUE(connector_to("http://127.0.0.1:8000/").ok());
    EXPECT_TRUE(connector_to("localhost:8000").ok());
    EXPECT_FALSE(connector_to("127.0.0.1").ok());
    EXPECT_FALSE(connector_to("http://127.0.0.1:8000/path").ok());
    EXPECT_FALSE(connector_to("unix:").ok());
    EXPECT_FALSE(connector_to("unix:/" + std::string(108, 'a')).ok());
}

TEST(Connector, ReachesAUnixSocket) {
    const std::string path = testing::TempDir() + "connector-" + std::to_string(getpid());
    const int listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(bind(listening, reinterpret_cast<sockaddr *>(&address), sizeof address), 0);
    ASSERT_EQ(listen(listening, 1), 0);
    const Result<Connector> connector = connector_to("unix:" + path);
    ASSERT_TRUE(connector.ok());
    const Result<int> connected = (*connector)();
    EXPECT_TRUE(connected.ok());
    if (connected.ok()) ::close(*connected);
    ::close(listening);
    ::unlink(path.c_str());
    EXPECT_FALSE((*connector)().ok());
}

}  // namespace
}  // namespace wse::net
