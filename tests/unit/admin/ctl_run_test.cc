// SPDX-License-Identifier: MIT
// wsectl's subcommands against a control server with commands of the test's own.
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include <filesystem>
#include <future>

#include "admin/control.h"
#include "base/json_writer.h"
#include "wsectl/command_line.h"

namespace wse::ctl {
namespace {

using admin::Args;
using admin::Reply;
using testing::HasSubstr;

class Wsectl : public testing::Test {
protected:
    void SetUp() override {
        signal(SIGPIPE, SIG_IGN);
        ASSERT_NE(mkdtemp(directory_), nullptr);
        path_ = std::string(directory_) + "/control.sock";
        auto server = admin::ControlServer::start(loop_, path_, commands());
        ASSERT_TRUE(server.ok()) << server.error().text;
        server_ = std::move(*server);
        loop_.start();
    }
    void TearDown() override {
        std::promise<void> stopped;
        loop_.post([&] { server_->stop([&] { stopped.set_value(); }); });
        stopped.get_future().wait();
        loop_.stop();
        server_.reset();
        std::filesystem::remove_all(directory_);
    }

    admin::CommandTable commands() {
        return {
            {"status", [](Args, Ref<Reply> reply) { reply->ok(R"({"version":"0.1.0"})"); }},
            {"conn.kill",
             [](Args args, Ref<Reply> reply) {
                 if (args["id"].string() != "known")
                     return reply->fail("not_found", "no connection of that id");
                 JsonWriter json;
                 json.begin_object().member("id", "known");
                 json.member("code", args["code"].integer().value_or(4300)).end_object();
                 reply->ok(json.text());
             }},
            {"modules", [this](Args, Ref<Reply> reply) { kept_ = reply; }},
            {"publish", [this](Args args, Ref<Reply> reply) { publish(args, *reply); }},
            {"send", [this](Args args, Ref<Reply> reply) { send(args, *reply); }},
            {"presence",
             [](Args args, Ref<Reply> reply) {
                 const std::string limit = std::to_string(args["limit"].integer().value_or(1000));
                 reply->ok(R"({"topic":"room","users":[{"user":"alice","data":{"limit": )" + limit +
                           R"(},"connections":1}],"total":1,"truncated":false})");
             }},
            {"subscribe",
             [](Args, Ref<Reply> reply) {
                 reply->event(R"({"subscribed":["demo"]})");
                 for (int n = 1; n <= 5; ++n)
                     reply->event(R"({"topic":"demo","type":"t","offset":)" + std::to_string(n) +
                                  R"(,"payload":{}})");
                 reply->ok("{}");
             }},
        };
    }
    void publish(const Args &args, Reply &reply) {
        const std::string payload(args.text("payload"));
        if (payload == "\"bad\"") return reply.fail("denied", "not this one");
        payloads_.push_back(payload);
        reply.ok(R"({"topic":"demo","epoch":"0a1b2c3d","id":"x","offset":)" +
                 std::to_string(payloads_.size()) + "}");
    }

    void send(const Args &args, Reply &reply) {
        const std::string user(args["user"].string().value_or(""));
        const bool all = args["all"].boolean().value_or(false);
        if (args["connection"].string() == "gone")
            return reply.fail("not_found", "no connection has the id 'gone'");
        sent_.push_back(user + (all ? "*" : "") + ' ' +
                        std::string(args["type"].string().value_or("")) + ' ' +
                        std::string(args["id"].string().value_or("")) + ' ' +
                        std::to_string(args["priority"].integer().value_or(5)) + ' ' +
                        std::string(args.text("payload")));
        const int reached = user == "away" ? 0 : 3;
        reply.ok(R"({"id":"x","sent":)" + std::to_string(reached) + R"(,"dropped":0})");
    }

    struct Outcome {
        int code = -1;
        std::string out, err;
    };
    Outcome run(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"--socket", path_});
        const auto parsed = parse_command_line(arguments);
        EXPECT_TRUE(parsed.ok()) << parsed.error().text;
        Outcome outcome;
        if (!parsed.ok()) return outcome;
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        outcome.code = parsed->subcommand->run(parsed->globals, parsed->words);
        outcome.out = testing::internal::GetCapturedStdout();
        outcome.err = testing::internal::GetCapturedStderr();
        return outcome;
    }
    Outcome run_with_input(const std::string &input, std::vector<std::string> arguments) {
        FILE *file = tmpfile();
        fwrite(input.data(), 1, input.size(), file);
        rewind(file);
        const int saved = dup(STDIN_FILENO);
        dup2(fileno(file), STDIN_FILENO);
        Outcome outcome = run(std::move(arguments));
        dup2(saved, STDIN_FILENO);
        close(saved);
        fclose(file);
        return outcome;
    }

    char directory_[32] = "/tmp/wse-wsectl-XXXXXX";
    std::string path_;
    SystemClock clock_;
    Ref<Reply> kept_;
    std::vector<std::string> payloads_, sent_;  // on the loop while it runs
    Loop loop_{"service", clock_};
    std::unique_ptr<admin::ControlServer> server_;
};

TEST_F(Wsectl, PrintsAResultForPeopleOrAsItCame) {
    EXPECT_THAT(run({"status"}).out, HasSubstr("version      0.1.0\n"));
    const Outcome json = run({"status", "--json"});
    EXPECT_EQ(json.code, kDone);
    EXPECT_EQ(json.out, "{\"version\":\"0.1.0\"}\n");
}

TEST_F(Wsectl, TellsARefusalApartFromSuccess) {
    const Outcome refused = run({"conn", "kill", "unknown"});
    EXPECT_EQ(refused.code, kRefused);
    EXPECT_EQ(refused.err, "wsectl: no connection of that id\n");
    EXPECT_EQ(run({"conn", "kill", "known", "--code", "4401"}).out, "closed known with 4401\n");
    EXPECT_EQ(run({"conn", "kill", "known", "--code", "999"}).code, kUsage);
}

TEST_F(Wsectl, TimesOut) {
    const Outcome late = run({"modules", "--timeout", "50ms"});
    EXPECT_EQ(late.code, kTimedOut);
    EXPECT_EQ(late.err, "wsectl: no answer within 50 ms; --timeout waits longer\n");
    loop_.call([&] { kept_ = {}; });
}

TEST_F(Wsectl, SaysWhenNobodyIsThere) {
    const Outcome missing = run({"status", "--socket", "/nonexistent/sock"});
    EXPECT_EQ(missing.code, kUnreachable);
    EXPECT_THAT(missing.err, HasSubstr("is wsed running?"));
    const std::string file = std::string(directory_) + "/file";
    fclose(fopen(file.c_str(), "w"));
    EXPECT_THAT(run({"status", "--socket", file}).err, HasSubstr("nobody answers there"));
}

TEST_F(Wsectl, PublishesAPayloadByteForByte) {
    const Outcome done = run({"publish", "demo", "{\n\"n\": 12345678901234567890.10}"});
    EXPECT_EQ(done.code, kDone) << done.err;
    EXPECT_EQ(done.out, "published to demo as x, epoch 0a1b2c3d offset 1\n");
    EXPECT_EQ(payloads_, std::vector<std::string>{R"({ "n": 12345678901234567890.10})"});
}

TEST_F(Wsectl, RefusesAPayloadThatIsNoJsonBeforeAskingTheServer) {
    const Outcome wrong = run({"publish", "demo", "hello", "--socket", "/nonexistent/sock"});
    EXPECT_EQ(wrong.code, kUsage);
    EXPECT_THAT(wrong.err, HasSubstr("the payload is not JSON"));
}

TEST_F(Wsectl, PublishesEveryLineOfItsInputInOrder) {
    std::string input;
    for (int n = 0; n < 1000; ++n) input += std::to_string(n) + "\n";
    const Outcome done = run_with_input(input + "\n\"last\"", {"publish", "demo", "-"});
    EXPECT_EQ(done.code, kDone) << done.err;
    EXPECT_EQ(done.out, "1001 committed\n");
    ASSERT_EQ(payloads_.size(), 1001u);
    EXPECT_EQ(payloads_[999], "999");
    EXPECT_EQ(payloads_[1000], "\"last\"");
}

TEST_F(Wsectl, NamesTheLineThatWasRefused) {
    const Outcome refused = run_with_input("1\n\n\"bad\"\n4\n", {"publish", "demo", "-"});
    EXPECT_EQ(refused.code, kRefused);
    EXPECT_EQ(refused.err, "wsectl: line 3: not this one\n");
    const Outcome malformed = run_with_input("1\n{\n", {"publish", "demo", "-"});
    EXPECT_EQ(malformed.code, kRefused);
    EXPECT_EQ(malformed.out, "1 committed\n");
    EXPECT_THAT(malformed.err, HasSubstr("line 2: the payload is not JSON"));
}

TEST_F(Wsectl, SendsAMessageToAUserOrAll) {
    const Outcome done =
        run({"send", "--user", "alice", "note", "{\"n\": 1.50}", "--id", "m1", "--priority", "8"});
    EXPECT_EQ(done.code, kDone) << done.err;
    EXPECT_EQ(done.out, "sent to 3 connections\n");
    EXPECT_EQ(run({"send", "--all", "note", "--json"}).out,
              "{\"id\":\"x\",\"sent\":3,\"dropped\":0}\n");
    EXPECT_EQ(sent_, (std::vector<std::string>{"alice note m1 8 {\"n\": 1.50}", "* note  5 {}"}));
}

TEST_F(Wsectl, FailsWhenNobodyWasReached) {
    const Outcome away = run({"send", "--user", "away", "note", "--json"});
    EXPECT_EQ(away.code, kRefused);
    EXPECT_EQ(away.out, "{\"id\":\"x\",\"sent\":0,\"dropped\":0}\n");
    EXPECT_EQ(away.err, "wsectl: nobody was reached: no connection is there to take it\n");
    const Outcome gone = run({"send", "--connection", "gone", "note"});
    EXPECT_EQ(gone.code, kRefused);
    EXPECT_EQ(gone.err, "wsectl: no connection has the id 'gone'\n");
}

TEST_F(Wsectl, SendsToExactlyOneTarget) {
    const std::vector<std::string> kWrong[] = {
        {"send", "note"},
        {"send", "note", "--user", "alice", "--all"},
        {"send", "note", "--user", "alice", "--connection", "c"},
    };
    for (const auto &arguments : kWrong) {
        const Outcome wrong = run(arguments);
        EXPECT_EQ(wrong.code, kUsage);
        EXPECT_EQ(wrong.err, "wsectl: send needs exactly one of --connection, --user and --all\n");
    }
    EXPECT_EQ(run({"send", "note", "--user", ""}).err, "wsectl: --user: the name is empty\n");
    EXPECT_EQ(run({"send", "note", "--connection", ""}).code, kUsage);
    EXPECT_EQ(run({"send", "note", "hello", "--all"}).code, kUsage);
    EXPECT_EQ(run({"send", "note", "--all", "--priority", "11"}).code, kUsage);
    EXPECT_TRUE(sent_.empty());
}

TEST_F(Wsectl, TellsWhoIsPresent) {
    EXPECT_EQ(run({"presence", "room", "--limit", "7"}).out,
              "USER   CONNECTIONS  DATA\n"
              "alice            1  {\"limit\":7}\n");
    EXPECT_THAT(run({"presence", "room", "--json"}).out, HasSubstr("{\"limit\": 1000}"));
    EXPECT_EQ(run({"presence", "room", "--limit", "0"}).code, kUsage);
}

TEST_F(Wsectl, PrintsEventsUpToACountOrTheEnd) {
    EXPECT_EQ(run({"subscribe", "demo", "--count", "2"}).out,
              "-  demo  t  #1  {}\n-  demo  t  #2  {}\n");
    const Outcome all = run({"subscribe", "demo", "--json"});
    EXPECT_EQ(all.code, kDone);
    EXPECT_EQ(std::count(all.out.begin(), all.out.end(), '\n'), 5);
}

}  // namespace
}  // namespace wse::ctl
