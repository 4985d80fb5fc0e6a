// SPDX-License-Identifier: MIT
#include "server/module_services.h"

#include <gtest/gtest.h>

#include <future>
#include <optional>

#include "module/bytes.h"

namespace wse::server {
namespace {

using module::to_bytes;
using module::to_view;

const hub::TopicPolicy &keep_three(std::string_view) {
    static const hub::TopicPolicy kPolicy = {
        .history = {.messages = 3, .age_ms = 0, .bytes = 1 << 20}};
    return kPolicy;
}

class ModuleServicesTest : public testing::Test {
protected:
    ModuleServicesTest() {
        limits.max_publish_size = 100;
        limits.max_topic_length = 20;
        hub.attach({port.get()});
        hub.start();
    }
    ~ModuleServicesTest() override {
        hub.stop();
        port.reset();
    }
    static wse_message message(std::string_view topic, std::string_view payload) {
        wse_message made = {};
        made.struct_size = sizeof made;
        made.topic = to_bytes(topic);
        made.payload = to_bytes(payload);
        return made;
    }
    int32_t publish(std::string_view topic, std::string_view payload) {
        return publish(message(topic, payload));
    }
    int32_t publish(const wse_message &message) {
        const int32_t status = services.publish("mine", message);
        uv_run(loop.uv(), UV_RUN_NOWAIT);  // where it enters
        return status;
    }
    // Payloads, with the offset of the last one.
    std::vector<std::string> history(const std::string &topic, uint64_t count) {
        std::optional<std::vector<std::string>> payloads;
        const auto status = services.history(
            topic, count, [&](int32_t result, std::span<const wse_message> messages) {
                EXPECT_EQ(result, WSE_OK);
                payloads.emplace();
                for (const auto &each : messages) payloads->emplace_back(to_view(each.payload));
                last_offset = messages.empty() ? 0 : messages.back().offset;
            });
        EXPECT_EQ(status, WSE_OK);
        EXPECT_FALSE(payloads) << "inside the call";
        while (!payloads) uv_run(loop.uv(), UV_RUN_ONCE);
        return *payloads;
    }

    SystemClock clock;
    config::Limits limits;
    Loop loop{"service", clock};
    HubThread hub{clock, {.loops = 1}, keep_three, 1};
    Counters counters;
    session::Shapers shapers;
    ModuleServices services{0, loop, limits, hub, [this] {
                                return session::PublishEntry{limits, config::OnFailure::kPass,
                                                             shapers, clock, counters};
                            }};
    std::unique_ptr<HubPort> port = std::make_unique<HubPort>(
        loop, [this](Delivery &delivery) { is_mine = services.take(delivery); });
    uint64_t last_offset = 0;
    bool is_mine = false;
};

TEST_F(ModuleServicesTest, PublishesAndTellsTheLastMessagesOldestFirst) {
    for (const char *payload : {R"({"n":1})", R"({"n":2})", R"({"n":3})", R"({"n":4})"})
        EXPECT_EQ(publish("a", payload), WSE_OK);
    EXPECT_EQ(history("a", 2), (std::vector<std::string>{R"({"n":3})", R"({"n":4})"}));
    EXPECT_EQ(last_offset, 4U);
    EXPECT_EQ(history("a", UINT64_MAX).size(), 3U);
    EXPECT_TRUE(history("nothing", 5).empty());
    EXPECT_TRUE(history("a", 0).empty());
}

TEST_F(ModuleServicesTest, RefusesWhatIsNoPublication) {
    EXPECT_EQ(publish("", "{}"), WSE_EINVAL);
    EXPECT_EQ(publish("a*", "{}"), WSE_EINVAL);
    EXPECT_EQ(publish("a", "{"), WSE_EINVAL);
    EXPECT_EQ(publish("a", "{\"x\":\"\xff\"}"), WSE_EINVAL);
    EXPECT_EQ(publish("a", '"' + std::string(100, 'x') + '"'), WSE_ETOOBIG);
    wse_message null = message("a", "{}");
    null.payload = {nullptr, 5};
    EXPECT_EQ(publish(null), WSE_EINVAL);
    wse_message reserved = message("a", "{}");
    reserved.type = to_bytes("server_ready");
    // Found where it enters, so only the log can tell.
    EXPECT_EQ(publish(reserved), WSE_OK);
    EXPECT_TRUE(history("a", 5).empty());
}

TEST_F(ModuleServicesTest, LetsEventModulesShapeWhatAModulePublishes) {
    struct Shaper final : module::EventShaper {
        const std::string &instance_name() const override { return name; }
        int32_t shape(const module::Event &event, module::Source source, std::string_view, uint64_t,
                      module::Shaping &shaping) override {
            if (event.payload == R"({"n":2})") return WSE_EDENIED;
            if (source == module::Source::kModule) shaping.payload = R"({"shaped":true})";
            return WSE_OK;
        }
        std::string name = "shaper";
    };
    shapers.push_back(std::make_unique<Shaper>());
    EXPECT_EQ(publish("a", R"({"n":1})"), WSE_OK);
    EXPECT_EQ(publish("a", R"({"n":2})"), WSE_OK);
    EXPECT_EQ(history("a", 5), std::vector<std::string>{R"({"shaped":true})"});
}

TEST_F(ModuleServicesTest, PublishesAndTellsThePlaceLater) {
    std::vector<std::string> placed;
    const auto keep = [&](int32_t status, uint64_t epoch, uint64_t offset) {
        placed.push_back(std::to_string(status) + (epoch ? " at " : " nowhere ") +
                         std::to_string(offset));
    };
    EXPECT_EQ(services.publish_then("mine", message("a", "{}"), keep), WSE_OK);
    EXPECT_EQ(services.publish_then("mine", message("a", "{}"), keep), WSE_OK);
    EXPECT_TRUE(placed.empty());
    while (placed.size() < 2) uv_run(loop.uv(), UV_RUN_ONCE);
    EXPECT_EQ(placed, (std::vector<std::string>{"0 at 1", "0 at 2"}));
    EXPECT_TRUE(is_mine);
}

TEST_F(ModuleServicesTest, TellsOfAPlaceThatThereWillNotBe) {
    int32_t status = WSE_OK;
    const auto keep = [&](int32_t told, uint64_t, uint64_t) { status = told; };
    EXPECT_EQ(services.publish_then("mine", message("a*", "{}"), keep), WSE_EINVAL);
    EXPECT_EQ(status, WSE_OK) << "not taken, so not answered";
    wse_message reserved = message("a", "{}");
    reserved.type = to_bytes("server_ready");
    EXPECT_EQ(services.publish_then("mine", reserved, keep), WSE_OK);
    uv_run(loop.uv(), UV_RUN_NOWAIT);
    EXPECT_EQ(status, WSE_EINVAL);
}

TEST_F(ModuleServicesTest, LeavesAnswersToOthersAlone) {
    Delivery answer = PublishedAnswer{{0, 0, 1}, proto::Position{7, 1}};
    EXPECT_FALSE(services.take(answer));
}

TEST_F(ModuleServicesTest, TellsObserversOfWhatAModulePublishes) {
    struct Heard final : module::Observations {
        Heard() : Observations(WSE_OBSERVE_PUBLISH) {}
        void add(const module::Observation &observation) override {
            heard += std::string(observation.topic) + ' ' + std::string(observation.detail) + ' ' +
                     std::to_string(observation.number) + ';';
        }
        std::string heard;
    } observations;
    services.set_observations(&observations);
    wse_message typed = message("a", R"({"n":1})");
    typed.type = to_bytes("news");
    EXPECT_EQ(publish(typed), WSE_OK);
    EXPECT_EQ(publish("a*", "{}"), WSE_EINVAL);
    EXPECT_EQ(observations.heard, "a news 7;");
}

TEST_F(ModuleServicesTest, TakesNoMoreThanMayBeOnItsWay) {
    limits.max_publish_size = size_t{1} << 20;
    const std::string large = '"' + std::string(size_t{1} << 20, 'x') + '"';
    limits.max_publish_size = large.size();
    int taken = 0;
    while (taken < 100 && services.publish("mine", message("a", large)) == WSE_OK) ++taken;
    EXPECT_EQ(taken, 15);
    uv_run(loop.uv(), UV_RUN_NOWAIT);
    EXPECT_EQ(publish("a", large), WSE_OK);
}

TEST_F(ModuleServicesTest, SaysThatWhatIsNotServedCannotBeHadNow) {
    EXPECT_EQ(services.remote_message("mine", message("a", "{}")), WSE_EAGAIN);
    const wse_app_command command = {};
    EXPECT_EQ(services.app_command("mine", command, {}), WSE_EAGAIN);
    EXPECT_EQ(services.api_call("mine", "publish", "{}", {}), WSE_EAGAIN);
    EXPECT_EQ(services.batch_progress("mine"), WSE_EAGAIN);
    EXPECT_EQ(services.followed("mine", wse_followed{}), WSE_EAGAIN);
    EXPECT_EQ(services.remote_fact("mine", wse_fact{}), WSE_EAGAIN);
    EXPECT_EQ(services.broadcast_received("mine", "{}"), WSE_EAGAIN);
}

}  // namespace
}  // namespace wse::server
