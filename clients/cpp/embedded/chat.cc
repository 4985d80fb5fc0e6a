// SPDX-License-Identifier: MIT
// A chat with the server in it: one process, one port, one loop of its own. The pages of this
// program and the WebSockets of its clients come in on the same address.
//
//     embedded_chat wse.toml
//
// GET /people says who is there, POST /say publishes its body, which is JSON, on the topic "chat".
// A message of type "say" that a client sends is published in the same way.
#include <csignal>
#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <wse/embed.h>

#include "page_server.h"

namespace {

wse_bytes bytes(std::string_view text) {
    return {text.data(), text.size()};
}

std::string_view view(const wse_bytes &bytes) {
    return {static_cast<const char *>(bytes.data), bytes.len};
}

struct Chat {
    uv_loop_t *loop = uv_default_loop();
    wse_server *server = nullptr;
    const wse_host *host = nullptr;             // once the module has been made
    std::map<std::string, std::string> people;  // user by connection
    std::optional<PageServer> pages;
    uv_signal_t interrupt{}, terminate{};
    int status = 0;
} chat;

int32_t publish(std::string_view payload) {
    wse_message message{};
    message.struct_size = sizeof message;
    message.priority = 5;
    message.topic = bytes("chat");
    message.type = bytes("said");
    message.payload = bytes(payload);
    return chat.host ? chat.host->publish(chat.host, &message) : WSE_EAGAIN;
}

// ---- The program as a module: what its clients do.

void take(const wse_app_event &event) {
    const std::string connection(view(event.connection));
    if (event.event == WSE_APP_EVENT_CONNECT) chat.people[connection] = view(event.user);
    if (event.event == WSE_APP_EVENT_DISCONNECT) chat.people.erase(connection);
    if (event.event == WSE_APP_EVENT_MESSAGE && view(event.type) == "say")
        publish(view(event.data));
}

int32_t deliver(void *, wse_loop *, const wse_app_event *events, uint64_t count,
                wse_batch_token *token) noexcept {
    for (uint64_t i = 0; i < count; ++i) take(events[i]);
    return chat.host->batch_done(chat.host, token);
}

int32_t create(const wse_host *host, const void *, void **self, wse_error *) noexcept {
    chat.host = host;
    *self = &chat;
    return WSE_OK;
}

void stop(void *, wse_loop *, wse_stop_token *token) noexcept {
    const wse_host *host = std::exchange(chat.host, nullptr);
    host->stop_done(host, token);
}

const wse_app_ops kOps = {sizeof kOps, 0, deliver, nullptr, nullptr, nullptr};

wse_module_def definition() {
    wse_module_def def{};
    def.magic = WSE_MODULE_MAGIC;
    def.abi_major = WSE_ABI_MAJOR;
    def.struct_size = sizeof def;
    def.kind = WSE_KIND_APP;
    def.name = "chat";
    def.version = "1";
    def.option_size = sizeof(wse_option);
    def.ops = &kOps;
    def.create = create;
    def.stop = stop;
    def.destroy = [](void *) noexcept {};
    return def;
}

// ---- Its pages.

std::string quoted(const std::string &text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

Response people() {
    std::string list;
    for (const auto &[connection, user] : chat.people)
        list += (list.empty() ? "" : ",") + quoted(user);
    return {200, "application/json", "[" + list + "]\n"};
}

Response say(const Request &request) {
    switch (publish(request.body)) {
        case WSE_OK:
            return {202, "application/json", "{}\n"};
        case WSE_EAGAIN:
            return {503, "text/plain", "not now\n"};
        default:
            return {400, "text/plain", "the body is a JSON object\n"};
    }
}

Response answer(const Request &request) {
    if (request.method == "GET" && request.path == "/people") return people();
    if (request.method == "POST" && request.path == "/say") return say(request);
    return {404, "text/plain", "try /people and /say\n"};
}

// ---- Its life.

void close_all() {
    wse_server_free(chat.server);
    chat.pages->close();
    for (uv_signal_t *one : {&chat.interrupt, &chat.terminate})
        uv_close(reinterpret_cast<uv_handle_t *>(one), nullptr);
}

void started(void *, int32_t status, const char *text) {
    if (status == WSE_OK) {
        std::printf("chat on %s\n", wse_server_address(chat.server, "main"));
        std::fflush(stdout);
        return;
    }
    std::fprintf(stderr, "embedded_chat: %s\n", text);
    chat.status = 1;
    close_all();
}

void on_signal(uv_signal_t *signal, int) {
    uv_signal_stop(&chat.interrupt);
    uv_signal_stop(&chat.terminate);
    (void)signal;
    wse_server_stop(
        chat.server, [](void *) { close_all(); }, nullptr);
}

}  // namespace

int main(int argc, char **argv) {
    if (argc != 2) return std::fprintf(stderr, "usage: embedded_chat CONFIG\n"), 64;
    chat.pages.emplace(chat.loop, answer);
    const std::string fallback =
        "listen.main.fallback=\"http://127.0.0.1:" + std::to_string(chat.pages->port()) + '"';
    const char *const overrides[] = {fallback.c_str()};
    const wse_module_def def = definition();
    const wse_module_def *const modules[] = {&def};
    wse_server_options options{};
    options.struct_size = sizeof options;
    options.config = argv[1];
    options.overrides = {overrides, 1};
    options.modules = modules;
    options.module_count = 1;
    wse_error error{};
    error.struct_size = sizeof error;
    uv_signal_init(chat.loop, &chat.interrupt);
    uv_signal_init(chat.loop, &chat.terminate);
    uv_signal_start(&chat.interrupt, on_signal, SIGINT);
    uv_signal_start(&chat.terminate, on_signal, SIGTERM);
    if (wse_server_start(chat.loop, &options, started, nullptr, &chat.server, &error) != WSE_OK) {
        std::fprintf(stderr, "embedded_chat: %s\n", error.text);
        return 1;
    }
    uv_run(chat.loop, UV_RUN_DEFAULT);
    uv_loop_close(chat.loop);
    return chat.status;
}
