// SPDX-License-Identifier: MIT
// The subcommands that are one question and one answer.
#include <stdio.h>

#include "base/json_writer.h"
#include "base/utf8.h"
#include "wsectl/ask.h"
#include "wsectl/client.h"

namespace wse::ctl {

int ask_and_print(const Globals &globals, std::string_view command, const std::string &args,
                  std::string (*show)(JsonView, const Style &)) {
    Answer answer;
    int code = kDone;
    if (!ask_and_show(globals, command, args, answer, code)) return code;
    const auto document = JsonDocument::parse(answer.result);
    if (!document)
        return complain(kUnreachable, "the answer is not of this protocol; is --socket a wsed?");
    fputs(show(document->root(), Style::of_stdout()).c_str(), stdout);
    return kDone;
}

namespace {

constexpr int64_t kMostRows = 100'000;

// {"name": "the word"}; words that are not UTF-8 cannot be said in JSON.
Result<std::string> one_word(const char *name, const std::string &word) {
    if (!is_utf8(word)) return Error{WSE_EINVAL, std::string(name) + " is not UTF-8"};
    JsonWriter args;
    args.begin_object().member(name, word).end_object();
    return args.take();
}

int ask_about(const Globals &globals, std::string_view command, const char *name,
              const std::string &word, std::string (*show)(JsonView, const Style &)) {
    const auto args = one_word(name, word);
    if (!args) return complain(kUsage, args.error().text);
    return ask_and_print(globals, command, *args, show);
}

}  // namespace

int run_status(const Globals &globals, const Words &) {
    return ask_and_print(globals, "status", "{}", show_status);
}

int run_modules(const Globals &globals, const Words &) {
    return ask_and_print(globals, "modules", "{}", show_modules);
}

int run_certificates(const Globals &globals, const Words &) {
    return ask_and_print(globals, "certificates", "{}", show_certificates);
}

int run_certificates_reload(const Globals &globals, const Words &) {
    return ask_and_print(globals, "certificates.reload", "{}", show_reloaded);
}

int run_stats(const Globals &globals, const Words &) {
    return ask_and_print(globals, "stats", "{}", show_stats);
}

int run_presence(const Globals &globals, const Words &words) {
    if (!is_utf8(words.words[0])) return complain(kUsage, "the topic is not UTF-8");
    const auto limit = words.number("limit", 1, kMostRows);
    if (!limit) return complain(kUsage, limit.error().text);
    JsonWriter args;
    args.begin_object().member("topic", words.words[0]);
    if (*limit) args.member("limit", **limit);
    args.end_object();
    Answer answer;
    int code = kDone;
    if (!ask_and_show(globals, "presence", args.text(), answer, code)) return code;
    fputs(show_presence(answer.result, Style::of_stdout()).c_str(), stdout);
    return kDone;
}

int run_conn_ls(const Globals &globals, const Words &words) {
    JsonWriter args;
    args.begin_object();
    for (const char *name : {"user", "topic", "ip"}) {
        const auto value = words.option(name);
        if (!value) continue;
        if (!is_utf8(*value)) return complain(kUsage, std::string("--") + name + " is not UTF-8");
        args.member(name, *value);
    }
    const auto limit = words.number("limit", 1, kMostRows);
    if (!limit) return complain(kUsage, limit.error().text);
    if (*limit) args.member("limit", **limit);
    args.end_object();
    return ask_and_print(globals, "conn.ls", args.text(), show_connections);
}

int run_conn_show(const Globals &globals, const Words &words) {
    return ask_about(globals, "conn.show", "id", words.words[0], show_connection);
}

int run_conn_kill(const Globals &globals, const Words &words) {
    const auto code = words.number("code", 1000, 4999);
    if (!code) return complain(kUsage, code.error().text);
    const std::string reason = words.option("reason").value_or("");
    if (!is_utf8(words.words[0]) || !is_utf8(reason))
        return complain(kUsage, "the id and the reason must be UTF-8");
    if (reason.size() > 123)
        return complain(kUsage, "--reason: a close frame has room for 123 bytes");
    JsonWriter args;
    args.begin_object().member("id", words.words[0]);
    if (*code) args.member("code", **code);
    if (!reason.empty()) args.member("reason", reason);
    args.end_object();
    return ask_and_print(globals, "conn.kill", args.text(), [](JsonView result, const Style &) {
        return "closed " + cell(result["id"]) + " with " + cell(result["code"]) + "\n";
    });
}

int run_topic_ls(const Globals &globals, const Words &words) {
    JsonWriter args;
    args.begin_object();
    if (!words.words.empty()) {
        if (!is_utf8(words.words[0])) return complain(kUsage, "the pattern is not UTF-8");
        args.member("pattern", words.words[0]);
    }
    const auto limit = words.number("limit", 1, kMostRows);
    if (!limit) return complain(kUsage, limit.error().text);
    if (*limit) args.member("limit", **limit);
    args.end_object();
    return ask_and_print(globals, "topic.ls", args.text(), show_topics);
}

int run_topic_show(const Globals &globals, const Words &words) {
    return ask_about(globals, "topic.show", "topic", words.words[0], show_topic);
}

}  // namespace wse::ctl
