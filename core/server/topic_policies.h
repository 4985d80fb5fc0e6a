// SPDX-License-Identifier: MIT
// The [[topic]] rows as policies of the hub.
#pragma once

#include <string_view>
#include <vector>

#include "config/settings.h"
#include "hub/policy.h"

namespace wse::server {

class TopicPolicies {
public:
    // `rows` outlives it.
    explicit TopicPolicies(const std::vector<config::TopicRow> &rows);

    // [main] Before the hub runs: a backplane is there, so topics are shared unless their row says
    // otherwise.
    void join_cluster();

    // Of the first row that matches the topic; without one nothing is kept. [any]
    const hub::TopicPolicy &of(std::string_view topic) const;
    // Is there a row whose topics keep anything that should outlive the process?
    bool keeps_anything() const;

private:
    const std::vector<config::TopicRow> &rows_;
    std::vector<hub::TopicPolicy> policies_;  // one for each row
    hub::TopicPolicy none_;
};

}  // namespace wse::server
