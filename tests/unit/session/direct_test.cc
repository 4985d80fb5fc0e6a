// SPDX-License-Identifier: MIT
// Messages to one client, outside of topics.
#include "proto/codes.h"
#include "proto/server_messages.h"
#include "support/reader_fixture.h"

namespace wse::session {
namespace {

class DirectTest : public test::ReaderFixture {
protected:
    bool send(int number, size_t bytes = 0, proto::Slow slow = proto::Slow::kDropLowest) {
        proto::Record record;
        record.publication = {.topic = "",
                              .type = "news",
                              .id = "id",
                              .payload = R"({"n":)" + std::to_string(number) + R"(,"x":")" +
                                         std::string(bytes, 'x') + "\"}",
                              .priority = proto::Priority::kHigh};
        const proto::MessageRef message(
            new proto::Message(std::move(record), {.stamped = false, .slow = slow}));
        return static_cast<Session &>(*handler).send_direct(
            message, net::Frame::text(proto::bare_event(*message)));
    }
};

TEST_F(DirectTest, ReachTheClientWithoutStamps) {
    open();
    EXPECT_TRUE(send(1));
    EXPECT_EQ(lines(), (Lines{"news 1"}));
}

TEST_F(DirectTest, WaitForAClientThatDoesNotReadUntilThereIsNoRoom) {
    open();
    stall();
    int taken = 0;
    while (taken < 100 && send(taken + 1, 900)) ++taken;
    EXPECT_GT(taken, 5);
    EXPECT_LT(taken, 12);
    EXPECT_EQ(connection.closed_code, 0);
    drain_all();
    EXPECT_EQ(lines().size(), static_cast<size_t>(taken));
}

TEST_F(DirectTest, AreForOpenSessionsOnly) {
    connect();
    EXPECT_FALSE(send(1));
    auth.answer(module::Identity{"alice", "", 0});
    EXPECT_FALSE(send(1)) << "before the hello";
    say(R"({"t":"client_hello","p":{}})");
    EXPECT_TRUE(send(1));
    static_cast<Session &>(*handler).close(proto::close::kKilled, "killed");
    EXPECT_FALSE(send(2));
    EXPECT_EQ(connection.sent_late, 0U);
}

TEST_F(DirectTest, CloseTheClientWhenTheyMustNotBeLost) {
    open();
    stall();
    while (connection.closed_code == 0 && send(1, 900, proto::Slow::kDisconnect)) continue;
    EXPECT_EQ(connection.closed_code, proto::close::kSlowConsumer);
}

}  // namespace
}  // namespace wse::session
