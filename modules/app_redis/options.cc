// SPDX-License-Identifier: MIT
#include "options.h"

#include <string_view>

#include "app/event_json.h"
#include "redis_client/url.h"

namespace wse::app_redis {

const wse_option kOptions[] = {
    {"url", WSE_OPT_STRING, WSE_OPT_F_SECRET, offsetof(Config, url), 0, 0, nullptr, nullptr,
     nullptr, "redis://[[user]:password@]host[:port][/database] or unix:///path; this host's"},
    {"stream", WSE_OPT_STRING, 0, offsetof(Config, stream), 0, 0, "wse:events", nullptr, nullptr,
     "the stream that events are added to"},
    {"max_length", WSE_OPT_INT, 0, offsetof(Config, max_length), 0, 1'000'000'000, "1000000",
     nullptr, nullptr, "entries that are kept in it, and somewhat more; 0: all"},
    {"groups", WSE_OPT_STRINGS, 0, offsetof(Config, groups), 0, 0, nullptr, nullptr, nullptr,
     "consumer groups of the stream, which are made where they are missing"},
    {"events", WSE_OPT_STRINGS, 0, offsetof(Config, events), 0, 0, nullptr, nullptr, nullptr,
     "which events, or none; without it all"},
    {"commands", WSE_OPT_STRING, 0, offsetof(Config, commands), 0, 0, nullptr, nullptr, nullptr,
     "the stream that commands to this host are read from; without it none are"},
    {"commands_group", WSE_OPT_STRING, 0, offsetof(Config, commands_group), 0, 0, "wse", nullptr,
     nullptr, "the consumer group that reads them"},
    {"max_commands", WSE_OPT_INT, 0, offsetof(Config, max_commands), 1, 4096, "256", nullptr,
     nullptr, "commands that are run at once"},
    {"timeout", WSE_OPT_DURATION, 0, offsetof(Config, timeout_ms), 10, 60'000, "5s", nullptr,
     nullptr, "how long Redis may take to add events"},
    {nullptr, 0, 0, 0, 0, 0, nullptr, nullptr, nullptr, nullptr},
};

const char *url_of(const Config &config) {
    return config.url ? config.url : "redis://localhost:6379";
}

std::string option_problem(const Config &config) {
    std::string problem;
    uint32_t mask = 0;
    if (!redis::parse_url(url_of(config), problem)) return "url: " + problem;
    if (*config.stream == '\0') return "stream: is empty";
    for (uint64_t i = 0; i < config.groups.count; ++i) {
        if (*config.groups.items[i] == '\0') return "groups: a name is empty";
    }
    if (config.commands && *config.commands == '\0') return "commands: is empty";
    if (config.commands && std::string_view(config.commands) == config.stream)
        return "commands: is the stream of the events";
    if (*config.commands_group == '\0') return "commands_group: is empty";
    return app::read_wants(config.events, mask);
}

}  // namespace wse::app_redis
