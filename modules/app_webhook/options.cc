// SPDX-License-Identifier: MIT
#include "options.h"

#include <optional>

#include "app/event_json.h"
#include "http_client/headers.h"
#include "http_client/tls.h"
#include "http_client/url.h"

namespace wse::app_webhook {
namespace {

std::string url_problem(const std::string &name, const char *text, const Config &config) {
    const auto url = http::parse_url(text);
    if (!url) return name + ": is no URL of http or https (a user does not stand in it)";
    if (!url->tls && !url->is_loopback() && config.plain_http == 0)
        return name +
               ": what clients say would go over http to another host, where it can be read and "
               "changed; use https, or set plain_http";
    return "";
}

bool is_tls(const char *text) {
    const auto url = http::parse_url(text);
    return url && url->tls;
}

}  // namespace

const wse_option kOptions[] = {
    {"url", WSE_OPT_STRING, WSE_OPT_F_REQUIRED, offsetof(Config, url), 0, 0, nullptr, nullptr,
     nullptr, "where events are posted"},
    {"ask_url", WSE_OPT_STRING, 0, offsetof(Config, ask_url), 0, 0, nullptr, nullptr, nullptr,
     "where questions are posted; without it the same"},
    {"events", WSE_OPT_STRINGS, 0, offsetof(Config, events), 0, 0, nullptr, nullptr, nullptr,
     "which events, or none; without it all"},
    {"secret", WSE_OPT_STRINGS, WSE_OPT_F_SECRET, offsetof(Config, secret), 0, 0, nullptr, nullptr,
     nullptr, "signs every request, one signature for each"},
    {"headers", WSE_OPT_PAIRS, WSE_OPT_F_SECRET, offsetof(Config, headers), 0, 0, nullptr, nullptr,
     nullptr, "headers of every request"},
    {"ca_file", WSE_OPT_STRING, WSE_OPT_F_PATH, offsetof(Config, ca_file), 0, 0, nullptr, nullptr,
     nullptr, "the authorities to trust (PEM), in the place of the system's"},
    {"plain_http", WSE_OPT_BOOL, 0, offsetof(Config, plain_http), 0, 0, "false", nullptr, nullptr,
     "events and credentials may go over http to other hosts than this one"},
    {"timeout", WSE_OPT_DURATION, 0, offsetof(Config, timeout_ms), 10, 300'000, "10s", nullptr,
     nullptr, "how long an answer may take"},
    {"max_body", WSE_OPT_SIZE, 0, offsetof(Config, max_body), 16 << 10, 64 << 20, "1m", nullptr,
     nullptr, "size of a request; what does not fit into one has its data left out"},
    {"limit", WSE_OPT_SIZE, 0, offsetof(Config, limit), 1024, 16 << 20, "1m", nullptr, nullptr,
     "size of an answer"},
    {"retry", WSE_OPT_DURATION, 0, offsetof(Config, retry_ms), 10, 60'000, "500ms", nullptr,
     nullptr, "pause before a request is sent again; doubled each time, less a random part"},
    {"max_retry", WSE_OPT_DURATION, 0, offsetof(Config, max_retry_ms), 10, 3'600'000, "30s",
     nullptr, nullptr, "the longest such pause"},
    {"max_retry_after", WSE_OPT_DURATION, 0, offsetof(Config, max_retry_after_ms), 0, 86'400'000,
     "5m", nullptr, nullptr, "the longest pause that Retry-After may ask for"},
    {"on_rejected", WSE_OPT_ENUM, 0, offsetof(Config, on_rejected), 0, 0, "retry", "retry|drop",
     nullptr, "what becomes of events that the application refuses"},
    {"max_questions", WSE_OPT_INT, 0, offsetof(Config, max_questions), 1, 1024, "64", nullptr,
     nullptr, "questions at once; four times as many wait"},
    {nullptr, 0, 0, 0, 0, 0, nullptr, nullptr, nullptr, nullptr},
};

std::string option_problem(const Config &config) {
    uint32_t mask = 0;
    const char *const ask_url = config.ask_url ? config.ask_url : config.url;
    std::string problem = url_problem("url", config.url, config);
    if (problem.empty()) problem = url_problem("ask_url", ask_url, config);
    if (problem.empty()) problem = app::read_wants(config.events, mask);
    if (!problem.empty()) return problem;
    problem = http::header_problem(config.headers);
    if (!problem.empty()) return "headers: " + problem;
    for (uint64_t i = 0; i < config.secret.count; ++i) {
        if (*config.secret.items[i] == '\0') return "secret: is empty";
    }
    const bool tls = is_tls(config.url) || is_tls(ask_url);
    if (config.ca_file && !tls) return "ca_file: the url is not https";
    if (tls && !http::TlsContext::make(config.ca_file, problem)) return "ca_file: " + problem;
    if (config.max_retry_ms < config.retry_ms) return "max_retry: is shorter than retry";
    return "";
}

}  // namespace wse::app_webhook
