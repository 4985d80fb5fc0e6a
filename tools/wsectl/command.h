// SPDX-License-Identifier: MIT
// The subcommands of wsectl: one table row each, found by main.cc.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace wse::ctl {

enum Exit { kDone = 0, kRefused = 1, kUsage = 2, kUnreachable = 3, kTimedOut = 4 };

// What stands before and after the subcommand and holds for all of them.
struct Globals {
    std::string socket;
    int timeout_ms = 5000;
    bool json = false;
};

// A long option of one subcommand: --user NAME.
struct Option {
    const char *name;
    const char *value;  // its placeholder in the help; null: it takes none
    const char *help;
    char letter = 0;  // a short form, or none
};

// A subcommand's words after options were taken out of them.
struct Words {
    std::vector<std::string> words;
    std::map<std::string, std::string, std::less<>> options;

    // Nothing when the option was not given, an empty text when it takes no value.
    std::optional<std::string> option(std::string_view name) const;
    // Null when absent; an error that names the option when it is not a number from low to high.
    Result<std::optional<int64_t>> number(std::string_view name, int64_t low, int64_t high) const;
};

struct Subcommand {
    const char *name;   // "conn ls"
    const char *words;  // "TOPIC [JSON|-]"
    size_t least;       // words it needs
    size_t most;
    const char *help;  // one line
    std::vector<Option> options;
    int (*run)(const Globals &globals, const Words &words);
};

const std::vector<Subcommand> &subcommands();

int run_status(const Globals &globals, const Words &words);
int run_publish(const Globals &globals, const Words &words);
int run_subscribe(const Globals &globals, const Words &words);
int run_send(const Globals &globals, const Words &words);
int run_presence(const Globals &globals, const Words &words);
int run_conn_ls(const Globals &globals, const Words &words);
int run_conn_show(const Globals &globals, const Words &words);
int run_conn_kill(const Globals &globals, const Words &words);
int run_topic_ls(const Globals &globals, const Words &words);
int run_topic_show(const Globals &globals, const Words &words);
int run_modules(const Globals &globals, const Words &words);
int run_module_new(const Globals &globals, const Words &words);
int run_module_inspect(const Globals &globals, const Words &words);
int run_certificates(const Globals &globals, const Words &words);
int run_certificates_reload(const Globals &globals, const Words &words);
int run_keys(const Globals &globals, const Words &words);
int run_keys_new(const Globals &globals, const Words &words);
int run_keys_reload(const Globals &globals, const Words &words);
int run_stats(const Globals &globals, const Words &words);
int run_backplane(const Globals &globals, const Words &words);
int run_dlq_ls(const Globals &globals, const Words &words);
int run_dlq_replay(const Globals &globals, const Words &words);
int run_dlq_drop(const Globals &globals, const Words &words);
int run_revoke(const Globals &globals, const Words &words);
int run_revocations(const Globals &globals, const Words &words);

// "wsectl: …" on standard error; the exit code is passed through.
int complain(Exit code, std::string_view text);

}  // namespace wse::ctl
