// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <unistd.h>

#include "base/json_scan.h"
#include "base/json_writer.h"
#include "base/utf8.h"
#include "wsectl/client.h"
#include "wsectl/show.h"

namespace wse::ctl {
namespace {

// The first item of the stream says which topics it is about, and is not an event.
bool is_start(std::string_view event) {
    std::vector<JsonMember> members;
    return scan_json_object(event, members) && !find_member(members, "subscribed").empty();
}

void tell_start(const std::vector<std::string> &topics) {
    std::string names;
    for (const auto &topic : topics) names += (names.empty() ? "" : ", ") + printable(topic);
    if (isatty(STDERR_FILENO)) fprintf(stderr, "subscribed to %s; ctrl-c ends it\n", names.c_str());
}

}  // namespace

int run_subscribe(const Globals &globals, const Words &words) {
    const auto count = words.number("count", 1, INT64_MAX);
    if (!count) return complain(kUsage, count.error().text);
    JsonWriter args;
    args.begin_object().key("topics").begin_array();
    for (const auto &topic : words.words) {
        if (!is_utf8(topic)) return complain(kUsage, "a topic is not UTF-8");
        args.string(topic);
    }
    args.end_array().end_object();

    Client client(globals);
    auto failure = client.connect();
    if (!failure) failure = client.send(1, "subscribe", args.text());

    const Style style = Style::of_stdout();
    bool started = false;
    int64_t seen = 0;
    while (!failure && (!*count || seen < **count)) {
        Answer answer;
        failure = client.receive(answer, started);
        if (failure) break;
        if (answer.failure) return complain(answer.failure->code, answer.failure->text);
        if (answer.event.empty()) return kDone;  // the server has ended the stream
        if (!started && is_start(answer.event)) {
            started = true;
            tell_start(words.words);
            continue;
        }
        ++seen;
        const std::string line =
            globals.json ? std::string(answer.event) : show_event(answer.event, style);
        // One event, one write: whoever reads the other end of a pipe sees it now.
        if (puts(line.c_str()) < 0 || fflush(stdout) != 0)
            return complain(kRefused, "cannot write to standard output");
    }
    return failure ? complain(failure->code, failure->text) : kDone;
}

}  // namespace wse::ctl
