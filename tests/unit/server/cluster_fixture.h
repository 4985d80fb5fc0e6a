// SPDX-License-Identifier: MIT
// The two ends of a cluster that tests put in the place of the hub and of the module.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "module/backplane.h"
#include "server/cluster_link.h"

namespace wse::server::test {

// What reaches the hub.
struct FakeHub final : ClusterLink {
    void commit(hub::SubmitTicket ticket, proto::Position position) override {
        answers.push_back(std::to_string(ticket) + " at " + std::to_string(position.offset));
    }
    void refuse(hub::SubmitTicket ticket, Error why) override {
        answers.push_back(std::to_string(ticket) + " refused " + std::to_string(why.status));
    }
    bool has_room(size_t /*bytes*/) const override { return !is_full; }
    bool remote(hub::Remote message) override {
        if (!is_full) messages.push_back(std::move(message));
        return !is_full;
    }
    bool followed(hub::Followed topic) override {
        if (!is_full) topics.push_back(std::move(topic));
        return !is_full;
    }
    bool fact(hub::Fact fact) override {
        if (!is_full) facts.push_back(std::move(fact));
        return !is_full;
    }

    bool is_full = false;
    std::vector<std::string> answers;
    std::vector<hub::Remote> messages;
    std::vector<hub::Followed> topics;
    std::vector<hub::Fact> facts;
};

// What the module is asked; questions are answered when the test does it.
struct FakeBackplane final : module::Backplane {
    struct Question final : module::Pending {
        explicit Question(int &left) : left_(left) {}
        ~Question() override { ++left_; }
        int &left_;
    };

    const std::string &instance_name() const override { return name; }
    bool has_facts() const override { return takes_facts; }
    std::unique_ptr<module::Pending> submit(const module::Event &message,
                                            const module::TopicUse &use, uint64_t deadline_ms,
                                            Placed done) override {
        calls.push_back("submit " + std::string(message.topic) + ' ' + std::string(message.id) +
                        ' ' + std::to_string(use.history_messages) +
                        (use.id_given ? " given" : ""));
        deadlines.push_back(deadline_ms);
        submits.push_back(std::move(done));
        return std::make_unique<Question>(questions_left);
    }
    int32_t follow(const module::TopicUse &use) override {
        calls.push_back("follow " + std::string(use.topic) + ' ' + std::to_string(use.have.offset));
        return status;
    }
    void unfollow(std::string_view topic) override {
        calls.push_back("unfollow " + std::string(topic));
    }
    int32_t set_fact(const module::OwnFact &fact) override {
        calls.push_back("fact " + std::string(fact.topic) + ' ' + std::string(fact.key) + ' ' +
                        std::string(fact.value));
        return status;
    }
    int32_t broadcast(std::string_view data) override {
        calls.push_back("broadcast " + std::string(data));
        return status;
    }
    std::unique_ptr<module::Pending> command(std::string_view request, uint64_t /*deadline_ms*/,
                                             Said done) override {
        calls.push_back("command " + std::string(request));
        commands.push_back(std::move(done));
        return std::make_unique<Question>(questions_left);
    }
    void answer_command(Result<std::string> said) {
        const Said done = std::move(commands.front());
        commands.pop_front();
        done(std::move(said));
    }
    std::vector<std::string> take_calls() { return std::exchange(calls, {}); }

    std::string name = "plane";
    bool takes_facts = true;
    int32_t status = WSE_OK;
    int questions_left = 0;
    std::vector<std::string> calls;
    std::vector<uint64_t> deadlines;
    std::vector<Placed> submits;
    std::deque<Said> commands;
};

}  // namespace wse::server::test
