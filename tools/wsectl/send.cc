// SPDX-License-Identifier: MIT
// send: a message to clients themselves, whatever they are subscribed to.
#include <stdio.h>

#include "wsectl/client.h"
#include "wsectl/message_args.h"
#include "wsectl/show.h"

namespace wse::ctl {
namespace {

// Exactly one of the three; the server would refuse the rest, but only where one is running.
Result<void> add_target(JsonWriter &args, const Words &words) {
    const auto connection = words.option("connection");
    const auto user = words.option("user");
    const bool all = words.option("all").has_value();
    if ((connection ? 1 : 0) + (user ? 1 : 0) + (all ? 1 : 0) != 1)
        return Error{WSE_EINVAL, "send needs exactly one of --connection, --user and --all"};
    if (connection == "") return Error{WSE_EINVAL, "--connection: the id is empty"};
    if (user == "") return Error{WSE_EINVAL, "--user: the name is empty"};
    if (all) args.member("all", true);
    if (auto added = add_text(args, "connection", connection, "--connection"); !added) return added;
    return add_text(args, "user", user, "--user");
}

Result<std::string> args_of(const Words &words) {
    JsonWriter args;
    args.begin_object();
    if (auto added = add_target(args, words); !added) return added.error();
    if (auto added = add_text(args, "type", words.words[0], "the type"); !added)
        return added.error();
    if (auto added = add_message_options(args, words); !added) return added.error();
    const std::string payload = words.words.size() > 1 ? words.words[1] : "{}";
    if (auto checked = check_payload(payload); !checked) return checked.error();
    args.key("payload").raw(payload).end_object();
    return args.take();
}

}  // namespace

int run_send(const Globals &globals, const Words &words) {
    const auto args = args_of(words);
    if (!args) return complain(kUsage, args.error().text);
    Answer answer;
    int code = kDone;
    const bool show = ask_and_show(globals, "send", *args, answer, code);
    if (code != kDone) return code;
    const auto document = JsonDocument::parse(answer.result);
    if (!document)
        return complain(kUnreachable, "the answer is not of this protocol; is --socket a wsed?");
    const std::string text = show_sent(document->root());
    // Scripts learn it from the exit code, with --json too.
    const JsonView result = document->root();
    const bool passed_on = result["others"].boolean().value_or(false);
    if (result["sent"].integer().value_or(0) == 0 && !passed_on) return complain(kRefused, text);
    if (show) puts(text.c_str());
    return kDone;
}

}  // namespace wse::ctl
