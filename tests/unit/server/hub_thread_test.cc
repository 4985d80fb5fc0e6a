// SPDX-License-Identifier: MIT
// The hub between real threads: order and answers.
#include "server/hub_thread.h"

#include <gtest/gtest.h>

#include <future>

#include "base/clock.h"

namespace wse::server {
namespace {

const hub::TopicPolicy &keep_nothing(std::string_view) {
    static const hub::TopicPolicy kNothing;
    return kNothing;
}

// A loop that keeps what the hub sends it, and tells when it has `expected` things.
class Receiver {
public:
    explicit Receiver(const Clock &clock, size_t expected)
        : loop("receiver", clock), expected_(expected) {
        port = std::make_unique<HubPort>(loop, [this](Delivery &delivery) {
            received.push_back(std::move(delivery));
            if (received.size() == expected_) complete_.set_value();
        });
    }
    ~Receiver() {
        loop.stop();
        port.reset();
    }
    void wait() { complete_.get_future().wait(); }

    Loop loop;
    std::unique_ptr<HubPort> port;
    std::vector<Delivery> received;

private:
    size_t expected_;
    std::promise<void> complete_;
};

hub::Publish message(uint64_t request) {
    return {{1, 0, request}, {"topic", "type", "id", std::to_string(request), {}}};
}

TEST(HubThread, KeepsTheOrderFromPublisherToSubscriber) {
    constexpr size_t kMessages = 5000;
    const SystemClock clock;
    HubThread hub(clock, {.loops = 2}, keep_nothing, 1);
    Receiver subscriber(clock, 1 + kMessages);
    Receiver publisher(clock, kMessages);
    hub.attach({subscriber.port.get(), publisher.port.get()});
    hub.start();
    subscriber.loop.start();
    publisher.loop.start();

    hub.subscribe({{0, 7, 1}, {{"topic", false}}});
    publisher.loop.post([&hub] {
        for (uint64_t i = 1; i <= kMessages; ++i) EXPECT_TRUE(hub.publish(message(i)));
    });
    subscriber.wait();
    publisher.wait();
    hub.stop();

    EXPECT_EQ(std::get<SubscribedAnswer>(subscriber.received[0]).origin.session, 7U);
    for (uint64_t i = 1; i <= kMessages; ++i) {
        const auto &delivered = std::get<proto::MessageRef>(subscriber.received[i]);
        ASSERT_EQ(delivered->position.offset, i);
        ASSERT_EQ(delivered->publication.payload, std::to_string(i));
        ASSERT_EQ(std::get<PublishedAnswer>(publisher.received[i - 1]).origin.request, i);
    }
}

TEST(HubThread, RefusesPublishesWhenItsInboxIsFull) {
    const SystemClock clock;
    HubThread hub(clock, {.loops = 1}, keep_nothing, 1);
    Receiver loop(clock, 0);
    hub.attach({loop.port.get()});
    // Not started: nothing is taken out.
    const std::string large(size_t{1} << 20, 'x');
    size_t accepted = 0;
    while (accepted < 1000 && hub.publish({{0, 0, 1}, {"t", "t", "i", large, {}}})) ++accepted;
    EXPECT_GT(accepted, 10U);
    EXPECT_LT(accepted, 100U);
}

TEST(HubThread, RefusesPublishesWhileALoopDoesNotTakeItsDeliveries) {
    const SystemClock clock;
    HubThread hub(clock, {.loops = 2}, keep_nothing, 1);
    Receiver stalled(clock, 0);
    Receiver publisher(clock, 200);
    hub.attach({stalled.port.get(), publisher.port.get()});
    hub.start();
    publisher.loop.start();
    hub.subscribe({{0, 1, 1}, {{"topic", false}}});
    const std::string large(size_t{1} << 20, 'x');
    for (uint64_t i = 0; i < 200;) {
        if (hub.publish({{1, 0, i}, {"topic", "t", "i", large, {}}})) ++i;
    }
    publisher.wait();
    hub.stop();
    publisher.loop.stop();
    EXPECT_TRUE(std::get<PublishedAnswer>(publisher.received.front()).position.ok());
    EXPECT_FALSE(std::get<PublishedAnswer>(publisher.received.back()).position.ok());
}

hub::Remote remote(uint64_t offset, size_t bytes) {
    return {{"t", "t", "i", std::string(bytes, 'x'), {}}, {7, offset}};
}

TEST(HubThread, LeavesWithTheClusterWhatItsInboxHasNoRoomFor) {
    const SystemClock clock;
    HubThread hub(clock, {.loops = 1}, keep_nothing, 1);
    Receiver loop(clock, 0);
    hub.attach({loop.port.get()});
    // Not started: nothing is taken out.
    uint64_t accepted = 0;
    while (accepted < 1000 && hub.remote(remote(accepted + 1, size_t{1} << 20))) ++accepted;
    EXPECT_GT(accepted, 10U);
    EXPECT_LT(accepted, 100U);
    EXPECT_FALSE(hub.followed({"t", {7, 1}, {remote(1, size_t{1} << 20)}}));
}

TEST(HubThread, TakesAHistoryThatIsLargerThanItsInboxWhenNothingElseIsThere) {
    const SystemClock clock;
    HubThread hub(clock, {.loops = 1}, keep_nothing, 1);
    Receiver loop(clock, 0);
    hub.attach({loop.port.get()});
    hub::Followed followed{"t", {7, 70}, {}};
    for (uint64_t offset = 1; offset <= 70; ++offset)
        followed.messages.push_back(remote(offset, size_t{1} << 20));
    EXPECT_TRUE(hub.followed(followed));
    EXPECT_FALSE(hub.followed(followed));
    EXPECT_FALSE(hub.remote(remote(71, 1)));
}

}  // namespace
}  // namespace wse::server
