// SPDX-License-Identifier: MIT
#include "wsectl/client.h"

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "base/json.h"
#include "base/json_scan.h"

namespace wse::ctl {
namespace {

// The group that may use the socket, for the one error that people meet on their first day.
std::string who_may_use(const std::string &path) {
    struct stat found {};
    if (stat(path.c_str(), &found) != 0) return "its directory is not for you; try sudo";
    const group *owner = getgrgid(found.st_gid);
    const std::string name = owner ? owner->gr_name : std::to_string(found.st_gid);
    return "only its owner and members of group " + name + " may use it";
}

Failure unreachable(const std::string &path, int code) {
    std::string text = "cannot reach the server on " + path + ": ";
    if (code == EACCES) {
        text += who_may_use(path);
    } else if (code == ENOENT) {
        text += "there is no such socket; is wsed running? --socket or $WSE_CONTROL name another";
    } else if (code == ECONNREFUSED) {
        text += "nobody answers there; is wsed running?";
    } else {
        text += strerrordesc_np(code);
    }
    return Failure{kUnreachable, text};
}

Failure read_refusal(std::string_view error) {
    const auto document = JsonDocument::parse(error);
    if (!document) return Failure{kRefused, "refused, with an error that is not valid"};
    const JsonView root = document->root();
    std::string text(root["message"].string().value_or("refused"));
    const auto code = root["code"].string();
    return Failure{code == "timeout" ? kTimedOut : kRefused, text};
}

}  // namespace

Client::Client(const Globals &globals) : globals_(globals) {}

Client::~Client() {
    if (fd_ >= 0) close(fd_);
}

std::optional<Failure> Client::connect() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string &path = globals_.socket;
    if (path.empty() || path.size() >= sizeof address.sun_path)
        return Failure{kUsage, "--socket: not a path of a socket: \"" + path + "\""};
    path.copy(address.sun_path, path.size());
    fd_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd_ < 0 || ::connect(fd_, reinterpret_cast<sockaddr *>(&address), sizeof address) != 0)
        return unreachable(path, errno);
    return std::nullopt;
}

std::optional<Failure> Client::wait(short events, int timeout_ms) {
    pollfd waiting{fd_, events, 0};
    for (;;) {
        const int ready = poll(&waiting, 1, timeout_ms);
        if (ready > 0) return std::nullopt;
        if (ready == 0)
            return Failure{kTimedOut, "no answer within " + std::to_string(timeout_ms) +
                                          " ms; --timeout waits longer"};
        if (errno != EINTR) return Failure{kUnreachable, strerrordesc_np(errno)};
    }
}

std::optional<Failure> Client::send(int64_t id, std::string_view command, std::string_view args) {
    std::string line = "{\"id\":" + std::to_string(id) + ",\"cmd\":\"" + std::string(command) +
                       "\",\"args\":" + std::string(args) + "}";
    // A line break between the tokens of a payload would end the request.
    std::replace(line.begin(), line.end(), '\n', ' ');
    line += '\n';
    std::string_view rest = line;
    while (!rest.empty()) {
        if (auto failure = wait(POLLOUT, globals_.timeout_ms)) return failure;
        const ssize_t sent = ::send(fd_, rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent >= 0) {
            rest.remove_prefix(static_cast<size_t>(sent));
        } else if (errno != EAGAIN && errno != EINTR) {
            return Failure{kUnreachable, "the server has closed the connection"};
        }
    }
    return std::nullopt;
}

std::optional<Failure> Client::receive(Answer &ret_answer, bool forever) {
    size_t end;
    size_t scanned = 0;
    while ((end = input_.find('\n', scanned)) == std::string::npos) {
        scanned = input_.size();
        if (auto failure = wait(POLLIN, forever ? -1 : globals_.timeout_ms)) return failure;
        char buffer[65536];
        const ssize_t count = recv(fd_, buffer, sizeof buffer, 0);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return Failure{kUnreachable, "the server has closed the connection"};
        input_.append(buffer, static_cast<size_t>(count));
    }
    ret_answer = Answer{};
    ret_answer.line = input_.substr(0, end);
    input_.erase(0, end + 1);

    std::vector<JsonMember> members;
    if (!scan_json_object(ret_answer.line, members))
        return Failure{kUnreachable, "the answer is not of this protocol; is --socket a wsed?"};
    ret_answer.id = find_member(members, "id");
    ret_answer.event = find_member(members, "event");
    ret_answer.result = find_member(members, "result");
    if (const auto error = find_member(members, "error"); !error.empty())
        ret_answer.failure = read_refusal(error);
    return std::nullopt;
}

std::optional<Failure> Client::ask(std::string_view command, std::string_view args,
                                   Answer &ret_answer) {
    if (auto failure = connect()) return failure;
    if (auto failure = send(1, command, args)) return failure;
    if (auto failure = receive(ret_answer)) return failure;
    return ret_answer.failure;
}

int complain(Exit code, std::string_view text) {
    fflush(stdout);
    fprintf(stderr, "wsectl: %.*s\n", static_cast<int>(text.size()), text.data());
    return code;
}

bool ask_and_show(const Globals &globals, std::string_view command, std::string_view args,
                  Answer &ret_answer, int &ret_code) {
    ret_code = kDone;
    Client client(globals);
    if (const auto failure = client.ask(command, args, ret_answer)) {
        ret_code = complain(failure->code, failure->text);
        return false;
    }
    if (!globals.json) return true;
    printf("%.*s\n", static_cast<int>(ret_answer.result.size()), ret_answer.result.data());
    return false;
}

Result<int> parse_timeout(std::string_view text) {
    constexpr int kLongest = 24 * 60 * 60 * 1000;
    int number = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
    int64_t factor = 0;
    if (unit == "ms") factor = 1;
    if (unit == "s" || unit.empty()) factor = 1000;
    if (unit == "m") factor = 60 * 1000;
    const int64_t milliseconds = number * factor;
    if (status != std::errc() || milliseconds <= 0 || milliseconds > kLongest)
        return Error{WSE_EINVAL,
                     "\"" + std::string(text) + "\" is not a duration like 5s or 250ms"};
    return static_cast<int>(milliseconds);
}

}  // namespace wse::ctl
