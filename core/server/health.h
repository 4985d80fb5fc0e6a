// SPDX-License-Identifier: MIT
// How the server is, for those who watch it: /readyz and /metrics. [service loop]
#pragma once

#include <functional>

#include "admin/http_message.h"
#include "server/commands.h"

namespace wse::server {

using AnswerDone = std::function<void(admin::HttpAnswer)>;

// Ready: 200, else 503, with one line of text; or `verbose`, with each check as JSON.
void answer_readiness(CommandContext &context, bool verbose, const AnswerDone &done);

// Counters and gauges in Prometheus' text format.
void answer_metrics(CommandContext &context, const AnswerDone &done);

}  // namespace wse::server
