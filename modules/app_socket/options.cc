// SPDX-License-Identifier: MIT
#include "options.h"

#include <sys/un.h>
#include <uv.h>

#include <charconv>
#include <cstddef>

#include "app/event_json.h"

namespace wse::app_socket {
namespace {

constexpr size_t kLeastSecret = 16;  // characters

std::optional<mode_t> read_mode(std::string_view text) {
    unsigned mode = 0;
    const auto end = text.data() + text.size();
    const auto [at, problem] = std::from_chars(text.data(), end, mode, 8);
    if (problem != std::errc() || at != end || mode > 0777) return std::nullopt;
    return static_cast<mode_t>(mode);
}

std::string path_problem(std::string_view path) {
    if (path.empty() || path.front() != '/')
        return "path: '" + std::string(path) + "' is not absolute";
    if (path.size() >= sizeof(sockaddr_un::sun_path))
        return "path: the name of a Unix socket has at most " +
               std::to_string(sizeof(sockaddr_un::sun_path) - 1) + " bytes";
    return "";
}

}  // namespace

const wse_option kOptions[] = {
    {"path", WSE_OPT_STRING, 0, offsetof(Config, path), 0, 0, nullptr, nullptr, nullptr,
     "absolute path of the Unix socket on which backends are listened for"},
    {"mode", WSE_OPT_STRING, 0, offsetof(Config, mode), 0, 0, "0660", nullptr, nullptr,
     "permissions of that socket, octal"},
    {"address", WSE_OPT_STRING, 0, offsetof(Config, address), 0, 0, nullptr, nullptr, nullptr,
     "instead of path: IP address and port, for backends on other hosts; needs secret"},
    {"secret", WSE_OPT_STRING, WSE_OPT_F_SECRET, offsetof(Config, secret), 0, 0, nullptr, nullptr,
     nullptr, "what a backend has to know, 16 characters or more"},
    {"name", WSE_OPT_STRING, 0, offsetof(Config, name), 0, 0, "app_socket", nullptr, nullptr,
     "what backends are told that this link is called"},
    {"events", WSE_OPT_STRINGS, 0, offsetof(Config, events), 0, 0, nullptr, nullptr, nullptr,
     "which of connect, message, text, binary, subscribe, unsubscribe, join, leave and disconnect "
     "are passed on; without it all"},
    {"max_frame", WSE_OPT_SIZE, 0, offsetof(Config, max_frame), 65536, 1 << 28, "16m", nullptr,
     nullptr, "the largest frame in either direction"},
    {"max_connections", WSE_OPT_INT, 0, offsetof(Config, max_connections), 1, 1024, "16", nullptr,
     nullptr, "how many backends may be connected"},
    {"max_calls", WSE_OPT_INT, 0, offsetof(Config, max_calls), 1, 65536, "1024", nullptr, nullptr,
     "calls of a backend that may be under way before no more of it is read"},
    {"max_questions", WSE_OPT_INT, 0, offsetof(Config, max_questions), 1, 65536, "1024", nullptr,
     nullptr, "questions that a backend may owe an answer to"},
    {"output_buffer", WSE_OPT_SIZE, 0, offsetof(Config, output_buffer), 131072, 1 << 30, "64m",
     nullptr, nullptr, "how much may wait for a backend that does not read before it is cut off"},
    {"hello_timeout", WSE_OPT_DURATION, 0, offsetof(Config, hello_timeout), 10, 60000, "5s",
     nullptr, nullptr, "how long a backend may take to say who it is"},
    {nullptr, 0, 0, 0, 0, 0, nullptr, nullptr, nullptr, nullptr},
};

std::string option_problem(const Config &config) {
    if (!config.path == !config.address) return "either path or address is needed, and not both";
    if (config.path) {
        std::string problem = path_problem(config.path);
        if (!problem.empty()) return problem;
    }
    if (!read_mode(config.mode))
        return std::string("mode: '") + config.mode + "' is no octal number up to 0777";
    if (config.address && !address_of(config.address))
        return std::string("address: '") + config.address + "' is no IP address with a port";
    if (config.address && !config.secret)
        return "secret: missing; whoever reaches the address could command the server";
    if (config.secret && std::string_view(config.secret).size() < kLeastSecret)
        return "secret: shorter than 16 characters";
    uint32_t mask = 0;
    std::string problem = app::read_wants(config.events, mask);
    if (!problem.empty()) return problem;
    if (config.output_buffer < 2 * config.max_frame)
        return "output_buffer: less than two frames of max_frame";
    return "";
}

mode_t mode_of(const Config &config) {
    return read_mode(config.mode).value_or(0600);
}

std::optional<sockaddr_storage> address_of(std::string_view text) {
    const size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    std::string host(text.substr(0, colon));
    const bool is_bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (is_bracketed) host = host.substr(1, host.size() - 2);
    uint16_t port = 0;
    const auto end = text.data() + text.size();
    const auto [at, problem] = std::from_chars(text.data() + colon + 1, end, port);
    if (problem != std::errc() || at != end) return std::nullopt;
    sockaddr_storage address{};
    const int status =
        is_bracketed ? uv_ip6_addr(host.c_str(), port, reinterpret_cast<sockaddr_in6 *>(&address))
                     : uv_ip4_addr(host.c_str(), port, reinterpret_cast<sockaddr_in *>(&address));
    if (status != 0) return std::nullopt;
    return address;
}

}  // namespace wse::app_socket
