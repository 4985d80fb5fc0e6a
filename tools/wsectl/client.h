// SPDX-License-Identifier: MIT
// A blocking client of the control socket.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "wsectl/command.h"

namespace wse::ctl {

// Why there is no answer: an exit code and a sentence for the user.
struct Failure {
    Exit code = kDone;
    std::string text;
};

// A line of the server. What it has is raw JSON, borrowed from `line`.
struct Answer {
    std::string line;
    std::string_view id;
    std::string_view result;         // when the request was done
    std::string_view event;          // an item of a stream
    std::optional<Failure> failure;  // when the request was refused
};

class Client {
public:
    explicit Client(const Globals &globals);
    ~Client();
    Client(const Client &) = delete;
    Client &operator=(const Client &) = delete;

    std::optional<Failure> connect();
    // Sends {"id":…,"cmd":…,"args":…}; `args` is a JSON object.
    std::optional<Failure> send(int64_t id, std::string_view command, std::string_view args);
    // The next line of the server, within the timeout or, when `forever`, whenever it comes. Fails
    // when there is none; a refusal of the server is in the answer.
    std::optional<Failure> receive(Answer &ret_answer, bool forever = false);
    // connect, send and receive; a refusal is a failure too.
    std::optional<Failure> ask(std::string_view command, std::string_view args, Answer &ret_answer);

private:
    std::optional<Failure> wait(short events, int timeout_ms);

    const Globals &globals_;
    int fd_ = -1;
    std::string input_;
};

// ask() and, with --json, the printed result. Then the exit code is in `ret_code` and nothing is
// left to do: returns false.
bool ask_and_show(const Globals &globals, std::string_view command, std::string_view args,
                  Answer &ret_answer, int &ret_code);

// A duration as the command line takes it: "5s", "250ms", "2m", or a number of seconds.
Result<int> parse_timeout(std::string_view text);

}  // namespace wse::ctl
