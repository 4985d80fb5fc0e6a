// SPDX-License-Identifier: MIT
// A session whose topics "open:a*" and "open:kept*" an application is asked about, and another one
// about "open:b*". "open:free*" is for everybody.
#pragma once

#include <string>
#include <vector>

#include "support/fake_application.h"
#include "support/reader_fixture.h"

namespace wse::test {

class AskingFixture : public ReaderFixture {
protected:
    AskingFixture() {
        settings->topics = {row("open:a*", "app"),
                            row("open:kept*", "app"),
                            row("open:b*", "other"),
                            {.match = "open:free*", .subscribe = true, .publish = true},
                            {.match = "closed*", .ask = "app", .ask_subscribe = true}};
        settings->limits.ask_pending = 4;
        applications = {{"app", &app}, {"other", &other}};
    }
    // Whose questions are out until it has gone.
    ~AskingFixture() override { handler.reset(); }

    static config::TopicRow row(const std::string &match, const std::string &name) {
        return {.match = match,
                .subscribe = true,
                .publish = true,
                .ask = name,
                .ask_subscribe = true,
                .ask_publish = true};
    }
    // `more` are further members of the request, with a comma in front.
    static std::string publication(const std::string &topic, const std::string &id,
                                   const std::string &more = "") {
        return R"({"t":"publish","id":")" + id + R"(","p":{"topic":")" + topic +
               R"(","type":"news","payload":{"n":1})" + more + "}}";
    }
    void ask_to_publish(const std::string &topic, const std::string &id = "k",
                        const std::string &more = "") {
        say(publication(topic, id, more));
    }
    void answer(Result<module::Reply> reply = module::Reply{}) {
        app.answer(std::move(reply));
        pump();
    }
    void deny() { answer(Error{WSE_EDENIED, "no"}); }
    void fall_silent() { answer(Error{WSE_ETIMEDOUT, "late"}); }
    // Ids of the publishes that were answered since the last call, in order; refused ones as
    // "id CODE".
    std::vector<std::string> answered() {
        std::vector<std::string> ids;
        for (const auto &document : replies()) {
            const JsonView payload = document.root()["p"];
            if (type(document) == "publish_ack")
                ids.emplace_back(payload["id"].string().value_or(""));
            else if (type(document) == "error")
                ids.push_back(std::string(payload["details"]["id"].string().value_or("")) + ' ' +
                              code(document));
        }
        return ids;
    }
    using Ids = std::vector<std::string>;
    using Topics = std::vector<std::string>;

    FakeApplication app;
    FakeApplication other{"other"};
};

}  // namespace wse::test
