// SPDX-License-Identifier: MIT
// revoke, revocations: tokens that are not accepted any more.
#include "base/clock.h"
#include "wsectl/ask.h"
#include "wsectl/message_args.h"

namespace wse::ctl {
namespace {

constexpr int64_t kMostRows = 100'000;

// "2026-01-02T03:04:05Z", or seconds since 1970 as tokens have them.
Result<std::string> moment_of(const std::string &text) {
    if (parse_timestamp(text)) return text;
    const bool digits = text.find_first_not_of("0123456789") == std::string::npos;
    if (!digits || text.empty() || text.size() > 11)
        return Error{WSE_EINVAL,
                     "--issued-before: not a time like 2026-01-02T03:04:05Z, "
                     "nor seconds since 1970"};
    return format_timestamp(std::stoull(text) * 1000);
}

Result<std::string> args_of(const Words &words) {
    const auto user = words.option("user");
    const auto token = words.option("token");
    if (user.has_value() == token.has_value())
        return Error{WSE_EINVAL, "revoke needs exactly one of --user and --token"};
    if (user == "") return Error{WSE_EINVAL, "--user: the name is empty"};
    if (token == "") return Error{WSE_EINVAL, "--token: the identifier is empty"};
    JsonWriter args;
    args.begin_object();
    if (auto added = add_text(args, "user", user, "--user"); !added) return added.error();
    if (auto added = add_text(args, "token", token, "--token"); !added) return added.error();
    if (const auto before = words.option("issued-before")) {
        if (token) return Error{WSE_EINVAL, "--issued-before: only with --user"};
        const auto moment = moment_of(*before);
        if (!moment) return moment.error();
        args.member("issued_before", *moment);
    }
    return args.end_object().take();
}

}  // namespace

int run_revoke(const Globals &globals, const Words &words) {
    const auto args = args_of(words);
    if (!args) return complain(kUsage, args.error().text);
    return ask_and_print(globals, "revoke", *args, show_revoked);
}

int run_revocations(const Globals &globals, const Words &words) {
    const auto limit = words.number("limit", 1, kMostRows);
    if (!limit) return complain(kUsage, limit.error().text);
    JsonWriter args;
    args.begin_object();
    if (*limit) args.member("limit", **limit);
    return ask_and_print(globals, "revocations", args.end_object().text(), show_revocations);
}

}  // namespace wse::ctl
