// SPDX-License-Identifier: MIT
// Parts of app_webhook: the pauses between requests, and the bodies.
#include <gtest/gtest.h>

#include <deque>
#include <string>

#include "abi/module_class.h"
#include "app_webhook/backoff.h"
#include "app_webhook/body.h"

namespace wse::app_webhook {
namespace {

constexpr uint64_t kNow = 784111777'000;  // Sun, 06 Nov 1994 08:49:37 GMT

TEST(WebhookBackoff, DoublesUpToABoundLessARandomPart) {
    Backoff backoff(100, 1000, 7);
    for (const uint64_t whole : {100, 200, 400, 800, 1000, 1000, 1000}) {
        const uint64_t pause = backoff.next_ms();
        EXPECT_GE(pause, whole / 2);
        EXPECT_LE(pause, whole);
    }
    backoff.reset();
    EXPECT_LE(backoff.next_ms(), 100u);
}

TEST(WebhookBackoff, ReadsWhatRetryAfterAsksFor) {
    EXPECT_EQ(retry_after_ms("120", kNow), 120'000u);
    EXPECT_EQ(retry_after_ms("0", kNow), 0u);
    EXPECT_EQ(retry_after_ms("99999999999999", kNow), 10'000'000'000u);
    EXPECT_EQ(retry_after_ms("Sun, 06 Nov 1994 08:49:47 GMT", kNow), 10'000u);
    EXPECT_EQ(retry_after_ms("Sun, 06 Nov 1994 08:49:27 GMT", kNow), 0u);
    for (const char *wrong : {"", "-1", "1.5", "soon", "Sunday, 06-Nov-94 08:49:47 GMT",
                              "Sun, 06 Nox 1994 08:49:47 GMT", "Sun, 06 Nov 1994 08:49:47 CET"})
        EXPECT_EQ(retry_after_ms(wrong, kNow), 0u) << wrong;
}

TEST(WebhookBody, LeavesOutATypeThatLeavesNoRoom) {
    const std::string type(40000, 't'), id(40000, 'i');
    wse_app_event event{};
    event.struct_size = sizeof event;
    event.event = WSE_APP_EVENT_MESSAGE;
    event.type = abi::bytes_of(type);
    event.id = abi::bytes_of(id);
    BodyWriter writer("e", 16384);
    std::deque<Body> bodies;
    EXPECT_EQ(writer.write(&event, 1, bodies), 1u);
    ASSERT_EQ(bodies.size(), 1u);
    EXPECT_EQ(bodies[0].text,
              R"({"epoch":"e","batch":1,"events":[{"seq":1,"event":"message","ts":0,)"
              R"("data_bytes":0}]})");
}

}  // namespace
}  // namespace wse::app_webhook
