// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "module/module_application.h"
#include "module/stand_in.h"
#include "support.h"
#include "support/fake_application.h"

namespace wse::module {
namespace {

using ::testing::HasSubstr;

// The module that answers by what it is asked; see tests/abi/zoo/app_answers.c.
struct AppWorld : test::World {
    AppWorld() : instance(run("app_answers")), application(*instance) {}
    ~AppWorld() {
        pending.reset();
        instance.reset();
    }
    void ask(const AppQuestion &question) {
        pending = application.ask(question, [this](Result<Reply> reply) { answer = reply; });
    }
    int status() const { return !answer ? 1 : answer->ok() ? WSE_OK : answer->error().status; }

    std::unique_ptr<Instance> instance;
    ModuleApplication application;
    std::unique_ptr<Pending> pending;
    std::optional<Result<Reply>> answer;
};

TEST(ModuleApplication, TellsTheModuleWhatItIsAskedAndBringsTheReply) {
    AppWorld world;
    world.ask({.about = About::kPublish,
               .connection = "conn",
               .user = "alice",
               .topic = "ask:replace",
               .type = "news",
               .data = "{}",
               .deadline_ms = 1000});
    EXPECT_FALSE(world.answer) << "never inside the call";
    world.turn();
    ASSERT_EQ(world.status(), WSE_OK);
    EXPECT_EQ(world.answer->value().data, R"({"text":"another"})");
    EXPECT_THAT(world.journal(), HasSubstr("publish ask:replace by alice of {} 0\n"));
}

TEST(ModuleApplication, TellsANoFromAQuestionThatWasNotTaken) {
    AppWorld world;
    for (const auto &[topic, status] :
         {std::pair("ask:deny", WSE_EDENIED), std::pair("ask:busy", WSE_EAGAIN)}) {
        world.ask({.about = About::kSubscribe, .topic = topic, .deadline_ms = 1000});
        world.pass(wse::TimerWheel::kTickMs);
        EXPECT_EQ(world.status(), status);
    }
}

TEST(ModuleApplication, GivesUpAtTheDeadlineAndWhenTheAskerGoes) {
    AppWorld world;
    world.ask({.about = About::kSubscribe, .topic = "ask:silent", .deadline_ms = 1000});
    world.pass(1000 + wse::TimerWheel::kTickMs);
    EXPECT_EQ(world.status(), WSE_ETIMEDOUT);
    EXPECT_THAT(world.journal(), ::testing::EndsWith("cancel 0\n"));
    world.answer.reset();
    world.ask({.about = About::kSubscribe, .topic = "ask:slow", .deadline_ms = 1000});
    world.pending.reset();
    EXPECT_THAT(world.journal(), ::testing::EndsWith("cancel 0\n"));
    world.pass(5000);
    EXPECT_FALSE(world.answer);
}

class StandInTest : public testing::Test {
protected:
    // What becomes of a reply to a question about a credential.
    Result<Identity> judge(Result<Reply> reply) {
        std::optional<Result<Identity>> verdict;
        const auto pending = authenticator.authenticate(
            request(), [&](Result<Identity> identity) { verdict = std::move(identity); });
        application.answer(std::move(reply));
        return *verdict;
    }
    static AuthRequest request() {
        AuthRequest request;
        request.source = Credential::kCookie;
        request.credential = "secret";
        request.peer_ip = "192.0.2.1";
        request.listener = "main";
        request.deadline_ms = 700;
        return request;
    }

    wse::test::FakeApplication application;
    AppAuthenticator authenticator{application};
};

TEST_F(StandInTest, AsksAboutACredential) {
    const auto pending = authenticator.authenticate(request(), [](Result<Identity>) {});
    ASSERT_EQ(application.out.size(), 1U);
    const auto &asked = application.out[0];
    EXPECT_EQ(asked.about, About::kConnect);
    EXPECT_EQ(asked.data, "secret");
    EXPECT_EQ(asked.source, Credential::kCookie);
    EXPECT_EQ(asked.peer_ip, "192.0.2.1");
    EXPECT_EQ(asked.listener, "main");
    EXPECT_EQ(asked.deadline_ms, 700U);
}

TEST_F(StandInTest, TakesUserClaimsAndEndFromTheReply) {
    const auto identity = judge(Reply{"alice", R"({"role":"admin"})", 42});
    ASSERT_TRUE(identity);
    EXPECT_EQ(identity->user, "alice");
    EXPECT_EQ(identity->claims, R"({"role":"admin"})");
    EXPECT_EQ(identity->expires_ms, 42U);
    EXPECT_TRUE(judge(Reply{"alice", "", 0}));
}

TEST_F(StandInTest, TakesOnlyANoForAVerdict) {
    EXPECT_EQ(judge(Error{WSE_EDENIED, "no"}).error().status, WSE_EDENIED);
    for (const wse_status status : {WSE_ETIMEDOUT, WSE_EAGAIN, WSE_ECANCELED, WSE_EIO})
        EXPECT_EQ(judge(Error{status, "?"}).error().status, status);
    for (const wse_status status : {WSE_EINVAL, WSE_ENOMEM, WSE_ENOTFOUND, WSE_ETOOBIG})
        EXPECT_EQ(judge(Error{status, "?"}).error().status, WSE_EIO);
}

TEST_F(StandInTest, LetsNobodyInOnAnUnsoundReply) {
    const std::string large = R"({"x":")" + std::string(kMaxClaimsLength, 'x') + "\"}";
    for (const Reply &reply : {Reply{"", "{}", 0}, Reply{"alice", "[1]", 0}, Reply{"alice", "7", 0},
                               Reply{"alice", large, 0}})
        EXPECT_EQ(judge(reply).error().status, WSE_EIO);
}

TEST_F(StandInTest, HasNoWordOnSingleTopics) {
    EXPECT_TRUE(authenticator.authorize({}, Action::kPublish, "a"));
}

TEST(StandIn, HasTheStateOfATopicForEachUser) {
    auto owned = std::make_unique<wse::test::FakeApplication>();
    wse::test::FakeApplication &application = *owned;
    AppSnapshotSource source(std::move(owned), 10);
    EXPECT_TRUE(source.per_user());
    std::optional<Result<Snapshot>> state;
    const auto ask = [&] {
        return source.request(
            {.topic = "a", .user = "bob", .params = "{}", .position = {}, .deadline_ms = 9},
            [&](Result<Snapshot> snapshot) { state = std::move(snapshot); });
    };
    auto pending = ask();
    EXPECT_EQ(application.out[0].about, About::kSnapshot);
    EXPECT_EQ(application.out[0].user, "bob");
    EXPECT_EQ(application.out[0].topic, "a");
    EXPECT_EQ(application.out[0].data, "{}");
    application.answer(Reply{"", "[1]", 0});
    EXPECT_EQ((*state)->data, "[1]");
    EXPECT_FALSE((*state)->as_of);
    for (const auto &[reply, status] :
         {std::pair<Result<Reply>, wse_status>(Error{WSE_ENOTFOUND, "none"}, WSE_ENOTFOUND),
          std::pair<Result<Reply>, wse_status>(Reply{}, WSE_EIO),
          std::pair<Result<Reply>, wse_status>(Reply{"", "[1,2,3,4,5]", 0}, WSE_ETOOBIG)}) {
        pending = ask();
        application.answer(reply);
        EXPECT_EQ(state->error().status, status);
    }
}

}  // namespace
}  // namespace wse::module
