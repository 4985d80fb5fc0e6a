// SPDX-License-Identifier: MIT
// An application that answers when the test says so.
#pragma once

#include <algorithm>
#include <deque>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "module/application.h"

namespace wse::test {

class FakeApplication final : public module::Application {
public:
    struct Asked {
        uint64_t number = 0;
        module::About about = module::About::kConnect;
        std::string connection, user, topic, type, data, peer_ip, listener;
        module::Credential source = module::Credential::kNone;
        uint64_t deadline_ms = 0;
        Done done;
    };

    explicit FakeApplication(std::string name = "app") : name_(std::move(name)) {}

    const std::string &instance_name() const override { return name_; }
    std::unique_ptr<module::Pending> ask(const module::AppQuestion &question, Done done) override {
        const uint64_t number = ++asked;
        out.push_back({number, question.about, std::string(question.connection),
                       std::string(question.user), std::string(question.topic),
                       std::string(question.type), std::string(question.data),
                       std::string(question.peer_ip), std::string(question.listener),
                       question.source, question.deadline_ms, std::move(done)});
        return std::make_unique<Pending>(*this, number);
    }

    // To the oldest question that is out, or the oldest one about that.
    void answer(Result<module::Reply> reply = module::Reply{}) {
        answer_at(out.begin(), std::move(reply));
    }
    void answer_about(const std::string &topic, Result<module::Reply> reply = module::Reply{}) {
        answer_at(std::find_if(out.begin(), out.end(),
                               [&](const Asked &each) { return each.topic == topic; }),
                  std::move(reply));
    }
    void answer_newest() { answer_at(std::prev(out.end()), module::Reply{}); }
    void deny() { answer(Error{WSE_EDENIED, "no"}); }
    void fall_silent() { answer(Error{WSE_ETIMEDOUT, "late"}); }
    std::vector<std::string> topics() const {
        std::vector<std::string> all;
        for (const Asked &each : out) all.push_back(each.topic);
        return all;
    }

    std::deque<Asked> out;  // nobody has answered them, and somebody waits
    uint64_t asked = 0;     // ever

private:
    struct Pending final : module::Pending {
        Pending(FakeApplication &asked_one, uint64_t question)
            : application(asked_one), number(question) {}
        ~Pending() override {
            std::erase_if(application.out,
                          [this](const Asked &each) { return each.number == number; });
        }
        FakeApplication &application;
        uint64_t number;
    };

    void answer_at(std::deque<Asked>::iterator question, Result<module::Reply> reply) {
        const Done done = std::move(question->done);
        out.erase(question);
        done(std::move(reply));
    }

    std::string name_;
};

}  // namespace wse::test
