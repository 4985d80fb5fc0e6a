// SPDX-License-Identifier: MIT
// Results of the server as text for people. Pure: `result` is what docs/control-protocol.md says.
#pragma once

#include <string>

#include "wsectl/text.h"

namespace wse::ctl {

std::string show_status(JsonView result, const Style &style);
std::string show_published(JsonView result, const Style &style);
std::string show_connections(JsonView result, const Style &style);
std::string show_connection(JsonView result, const Style &style);
std::string show_topics(JsonView result, const Style &style);
std::string show_topic(JsonView result, const Style &style);
std::string show_modules(JsonView result, const Style &style);
std::string show_stats(JsonView result, const Style &style);
std::string show_revoked(JsonView result, const Style &style);
std::string show_revocations(JsonView result, const Style &style);
std::string show_backplane(JsonView result, const Style &style);
std::string show_letters(JsonView result, const Style &style);
std::string show_replayed(JsonView result, const Style &style);
std::string show_dropped(JsonView result, const Style &style);
std::string show_keys(JsonView result, const Style &style);
std::string show_certificates(JsonView result, const Style &style);
std::string show_reloaded(JsonView result, const Style &style);

// One sentence without a newline, also when nobody was reached.
std::string show_sent(JsonView result);

// `result` is its JSON as it came.
std::string show_presence(std::string_view result, const Style &style);

// One event of a stream, as one line without a newline; `event` is its JSON as it came.
std::string show_event(std::string_view event, const Style &style);

}  // namespace wse::ctl
