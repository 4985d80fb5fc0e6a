// SPDX-License-Identifier: MIT
// A cluster that writes down what the hub asks of it, and answers nothing: the test does.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "hub/cluster.h"

namespace wse::test {

class FakeCluster final : public hub::Cluster {
public:
    void submit(hub::SubmitTicket ticket, const proto::Publication &publication,
                const hub::TopicPolicy &) override {
        tickets.push_back(ticket);
        lines.push_back("submit " + publication.topic + " " + publication.payload);
    }
    void follow(const std::string &topic, proto::Position have, const hub::TopicPolicy &) override {
        lines.push_back("follow " + topic + "@" + std::to_string(have.offset));
    }
    void unfollow(const std::string &topic) override { lines.push_back("unfollow " + topic); }
    void set_fact(const hub::Fact &fact) override {
        lines.push_back("fact " + fact.topic + " " + fact.key + "=" + fact.value);
    }

    std::vector<std::string> take() { return std::exchange(lines, {}); }

    std::vector<hub::SubmitTicket> tickets;
    std::vector<std::string> lines;
};

}  // namespace wse::test
