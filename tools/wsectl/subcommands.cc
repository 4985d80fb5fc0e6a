// SPDX-License-Identifier: MIT
#include "wsectl/command.h"

namespace wse::ctl {
namespace {

constexpr size_t kAny = 1000;

const Option kLimit{"limit", "N", "show at most N rows"};
const Option kPriority{"priority", "N", "1 background, 3 low, 5 normal, 8 high, 10 critical", 'p'};
const Option kId{"id", "ID", "message id (default: a new one)"};

const std::vector<Subcommand> kSubcommands = {
    {"status", "", 0, 0, "what the server is and does", {}, run_status},
    {"publish",
     "TOPIC [JSON|-]",
     1,
     2,
     "publish a payload, or with - each line of standard input",
     {{"type", "T", "event type, the t of the message", 't'}, kPriority, kId},
     run_publish},
    {"subscribe",
     "TOPIC|PATTERN...",
     1,
     kAny,
     "print events until interrupted; * and ? name many topics",
     {{"count", "N", "stop after N events", 'n'}},
     run_subscribe},
    {"send",
     "TYPE [JSON]",
     1,
     2,
     "send to one connection, a user's or all, outside of topics",
     {{"connection", "ID", "to this connection"},
      {"user", "NAME", "to every connection of this user"},
      {"all", nullptr, "to every connection"},
      kPriority,
      kId},
     run_send},
    {"presence", "TOPIC", 1, 1, "who is present on a topic", {kLimit}, run_presence},
    {"conn ls",
     "",
     0,
     0,
     "list connections",
     {{"user", "NAME", "of this user"},
      {"topic", "TOPIC", "subscribed to this topic"},
      {"ip", "ADDRESS", "from this address"},
      kLimit},
     run_conn_ls},
    {"conn show", "ID", 1, 1, "one connection and its topics", {}, run_conn_show},
    {"conn kill",
     "ID",
     1,
     1,
     "close a connection",
     {{"code", "N", "close code (default: 4000)"},
      {"reason", "TEXT", "close reason, told to the client"}},
     run_conn_kill},
    {"topic ls",
     "[PATTERN]",
     0,
     1,
     "list topics, all or those of a pattern",
     {kLimit},
     run_topic_ls},
    {"topic show", "TOPIC", 1, 1, "one topic and who may use it", {}, run_topic_show},
    {"modules", "", 0, 0, "loaded modules", {}, run_modules},
    {"module new",
     "KIND NAME",
     2,
     2,
     "begin a module: a project that builds and is tested",
     {{"lang", "LANGUAGE", "c (default) or c++"}, {"directory", "DIR", "where (default: NAME)"}},
     run_module_new},
    {"module inspect",
     "FILE",
     1,
     1,
     "what a module file is, without running it",
     {},
     run_module_inspect},
    {"certificates reload",
     "",
     0,
     0,
     "read the certificates of listeners again",
     {},
     run_certificates_reload},
    {"certificates", "", 0, 0, "certificates of listeners", {}, run_certificates},
    {"stats", "", 0, 0, "counters", {}, run_stats},
    {"revoke",
     "",
     0,
     0,
     "end the sessions of a user or a token, and refuse it from now on",
     {{"user", "NAME", "the tokens of this user"},
      {"token", "ID", "the token with this identifier, its claim jti"},
      {"issued-before", "TIME", "of the user's only those issued up to then (default: now)"}},
     run_revoke},
    {"revocations", "", 0, 0, "what is revoked", {kLimit}, run_revocations},
};

}  // namespace

const std::vector<Subcommand> &subcommands() {
    return kSubcommands;
}

}  // namespace wse::ctl
