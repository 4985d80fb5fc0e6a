// SPDX-License-Identifier: MIT
// Modules that break a rule of the ABI at run time, on the service loop: what the server does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "module/question.h"
#include "module/shaping.h"
#include "support.h"

namespace wse::module {
namespace {

using test::World;

// Everything a service would offer, and nothing behind it.
class NoServices final : public Services {
public:
    int32_t publish(const std::string &, const wse_message &) override { return WSE_EAGAIN; }
    int32_t history(std::string_view, uint64_t, HistoryDone) override { return WSE_ENOTFOUND; }
    int32_t publish_then(const std::string &, const wse_message &, PlacedDone) override {
        return WSE_EAGAIN;
    }
    int32_t remote_message(const std::string &, const wse_message &) override { return WSE_OK; }
    int32_t followed(const std::string &, const wse_followed &) override { return WSE_OK; }
    int32_t remote_fact(const std::string &, const wse_fact &) override { return WSE_OK; }
    int32_t broadcast_received(const std::string &, std::string_view) override { return WSE_OK; }
    void health(const std::string &, int32_t, std::string_view) override {}
    int32_t app_command(const std::string &, const wse_app_command &, CalledDone) override {
        return WSE_OK;
    }
    int32_t api_call(const std::string &, std::string_view, std::string_view, CalledDone) override {
        return WSE_OK;
    }
    int32_t batch_progress(const std::string &) override { return WSE_OK; }
};

// A snapshot module, asked once.
class Misuse : public ::testing::Test {
protected:
    Misuse() {
        world_.surroundings.strict = false;
        world_.surroundings.services = &services_;
    }
    ~Misuse() override {
        pending_.reset();
        instance_.reset();
    }

    int32_t request(LoopSide &side, TokenId token) {
        wse_snapshot_request request{};
        request.struct_size = sizeof request;
        request.topic = {"news", 4};
        request.deadline_ms = 1000;
        return instance_->descriptor().snapshot.request(instance_->self(), side.abi(), &request,
                                                        abi_token<wse_snapshot_token>(token));
    }
    void ask(const std::string &module) {
        instance_ = world_.run(module);
        LoopSide &side = instance_->host().side(0);
        const auto call = [&](TokenId token) { return request(side, token); };
        pending_ = Question::ask(instance_->host(), side, 1000, call, {}, [this](auto answer) {
            ++answers_;
            answer_ = answer_as<Snapshot>(std::move(answer));
        });
        world_.pass(TimerWheel::kTickMs);
    }
    std::string log_of(const std::string &module) {
        testing::internal::CaptureStderr();
        ask(module);
        return testing::internal::GetCapturedStderr();
    }
    int status() const { return !answer_ ? 1 : *answer_ ? WSE_OK : answer_->error().status; }

    NoServices services_;
    World world_;
    std::unique_ptr<Instance> instance_;
    std::unique_ptr<Pending> pending_;
    std::optional<Result<Snapshot>> answer_;
    int answers_ = 0;
};

TEST_F(Misuse, HearsTheFirstOfTwoAnswers) {
    EXPECT_THAT(log_of("snapshot_double"),
                testing::HasSubstr("answered a question twice, or one it did not take"));
    EXPECT_EQ(answers_, 1);
    EXPECT_EQ(status(), WSE_OK);
    EXPECT_EQ(world_.count(Counter::tokens_doubled), 1U);
}

TEST_F(Misuse, RefusesAnAnswerByTheFunctionOfAnotherKind) {
    ask("snapshot_wrong_function");
    EXPECT_EQ(status(), WSE_EIO);
    EXPECT_EQ(answer_->error().text, "answered with the function of another kind of question");
}

TEST_F(Misuse, RefusesMoreDataThanAMessageMayHave) {
    EXPECT_THAT(log_of("snapshot_too_large"), testing::HasSubstr("module.answer_unsound"));
    EXPECT_EQ(status(), WSE_ETOOBIG);
}

TEST_F(Misuse, RefusesDataThatIsNoJson) {
    EXPECT_THAT(log_of("snapshot_invalid_json"), testing::HasSubstr("data is not valid JSON"));
    EXPECT_NE(status(), WSE_OK);
}

TEST_F(Misuse, RefusesAStructWithoutASize) {
    EXPECT_THAT(log_of("snapshot_size_none"), testing::HasSubstr("module.answer_unsound"));
    EXPECT_NE(status(), WSE_OK);
}

TEST_F(Misuse, WaitsForAnAnswerThatNeverComesUntilTheDeadline) {
    ask("snapshot_never");
    EXPECT_EQ(answers_, 0);
    world_.pass(1000);
    EXPECT_EQ(status(), WSE_ETIMEDOUT);
    EXPECT_EQ(instance_->tokens_outstanding(), 1U);
}

TEST_F(Misuse, NamesWhoDoesNotStopOnTheServiceLoop) {
    instance_ = world_.run("snapshot_stop_never");
    testing::internal::CaptureStderr();
    instance_->begin_stop();
    world_.turn();
    world_.pass(world_.surroundings.stop_deadline_ms);
    EXPECT_FALSE(instance_->wait_stopped());
    EXPECT_THAT(testing::internal::GetCapturedStderr(),
                testing::HasSubstr("module.stop_timeout module=zoo_snapshot_stop_never loop=0"));
    // It may still be at work: it stays for good, and where LeakSanitizer finds it.
    static auto &left = *new std::vector<const Instance *>;
    left.push_back(instance_.release());
}

TEST_F(Misuse, RefusesTheHistoryToAnotherThread) {
    // The loop has a thread only when it runs.
    world_.service().start();
    instance_ = world_.run("history_from_thread");
    testing::internal::CaptureStderr();
    world_.service().call([&] {
        LoopSide &side = instance_->host().side(0);
        pending_ = Question::ask(
            instance_->host(), side, 1000, [&](TokenId token) { return request(side, token); }, {},
            [](auto) {});
    });
    world_.service().call([&] { pending_.reset(); });
    EXPECT_THAT(testing::internal::GetCapturedStderr(),
                testing::HasSubstr("called history outside its loop's thread"));
    instance_.reset();
    world_.service().stop();
}

TEST_F(Misuse, NotesACounterThatIsNotRegistered) {
    EXPECT_THAT(log_of("counts_unregistered"),
                testing::HasSubstr("added to a counter it has not registered"));
    EXPECT_EQ(status(), WSE_ENOTFOUND);
}

TEST_F(Misuse, TakesNothingForAnEventThatIsShapedAlready) {
    instance_ = world_.run("shapes_late");
    testing::internal::CaptureStderr();
    {
        Shaping shaping;
        wse_message message{};
        message.struct_size = sizeof message;
        wse_event event{};
        event.struct_size = sizeof event;
        event.message = &message;
        EXPECT_EQ(instance_->descriptor().event.shape(
                      instance_->self(), instance_->host().side(0).abi(), &event, shaping.abi()),
                  WSE_OK);
        EXPECT_EQ(shaping.type, "now");
    }
    world_.turn();
    const std::string log = testing::internal::GetCapturedStderr();
    EXPECT_THAT(log, testing::HasSubstr("called shape_set outside shape"));
    EXPECT_THAT(log, testing::HasSubstr("called history on a loop that is not the service loop"));
    EXPECT_THAT(world_.journal(), testing::HasSubstr("not set 0\nnot found 0\n"));
}

}  // namespace
}  // namespace wse::module
