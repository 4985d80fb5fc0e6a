// SPDX-License-Identifier: MIT
// backplane, dlq ls, dlq replay, dlq drop: what joins this host with others.
#include <stdio.h>

#include "wsectl/ask.h"
#include "wsectl/client.h"
#include "wsectl/message_args.h"

namespace wse::ctl {
namespace {

constexpr int64_t kMostRows = 1000;

// One letter by its id, or all of the topic.
Result<std::string> letters_of(const Words &words) {
    const bool all = words.option("all").has_value();
    // The server takes "all" for an id: a slip of two dashes gives nothing up.
    if (all == (words.words.size() > 1) || (!all && words.words[1] == "all"))
        return Error{WSE_EINVAL, "one of the id of a letter and --all says which"};
    JsonWriter args;
    args.begin_object();
    if (auto added = add_text(args, "topic", words.words[0], "the topic"); !added)
        return added.error();
    const std::string id = all ? "all" : words.words[1];
    if (auto added = add_text(args, "id", id, "the id"); !added) return added.error();
    return args.end_object().take();
}

// Scripts learn from the exit code that the letter they named was not there, or that not all of
// them could be published, with --json too.
int handle(const Globals &globals, const char *command, const char *count, const Words &words,
           std::string (*show)(JsonView, const Style &)) {
    const auto args = letters_of(words);
    if (!args) return complain(kUsage, args.error().text);
    Answer answer;
    int code = kDone;
    const bool shows = ask_and_show(globals, command, *args, answer, code);
    if (code != kDone) return code;
    const auto document = JsonDocument::parse(answer.result);
    if (!document)
        return complain(kUnreachable, "the answer is not of this protocol; is --socket a wsed?");
    const JsonView result = document->root();
    if (shows) fputs(show(result, Style::of_stdout()).c_str(), stdout);
    if (result["failed"].first()) return kRefused;
    const bool none = result[count].integer().value_or(0) == 0;
    return none && words.words.size() > 1 ? complain(kRefused, "no such letter") : kDone;
}

}  // namespace

int run_backplane(const Globals &globals, const Words &) {
    return ask_and_print(globals, "backplane", "{}", show_backplane);
}

int run_dlq_ls(const Globals &globals, const Words &words) {
    const auto limit = words.number("limit", 1, kMostRows);
    if (!limit) return complain(kUsage, limit.error().text);
    JsonWriter args;
    args.begin_object();
    if (!words.words.empty()) {
        if (auto added = add_text(args, "topic", words.words[0], "the topic"); !added)
            return complain(kUsage, added.error().text);
    }
    if (*limit) args.member("limit", **limit);
    return ask_and_print(globals, "dlq.ls", args.end_object().take(), show_letters);
}

int run_dlq_replay(const Globals &globals, const Words &words) {
    return handle(globals, "dlq.replay", "replayed", words, show_replayed);
}

int run_dlq_drop(const Globals &globals, const Words &words) {
    return handle(globals, "dlq.drop", "dropped", words, show_dropped);
}

}  // namespace wse::ctl
