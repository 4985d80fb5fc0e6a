// SPDX-License-Identifier: MIT
// The options of app_webhook, as the server fills them in. Strings live until destroy.
#pragma once

#include <string>

#include <wse/module.h>

namespace wse::app_webhook {

enum OnRejected : int32_t { kRetry, kDrop };  // as in the option's choices

struct Config {
    const char *url;
    const char *ask_url;  // null: the same
    wse_strings events;
    wse_strings secret;
    wse_pairs headers;
    const char *ca_file;  // null: the authorities of the system
    int32_t plain_http;
    int64_t timeout_ms;
    int64_t max_body;
    int64_t limit;
    int64_t retry_ms;
    int64_t max_retry_ms;
    int64_t max_retry_after_ms;
    int32_t on_rejected;
    int64_t max_questions;
};

extern const wse_option kOptions[];

// [main] One sentence about the first option that is wrong, or empty.
std::string option_problem(const Config &config);

}  // namespace wse::app_webhook
