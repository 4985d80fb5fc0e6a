// SPDX-License-Identifier: MIT
#include "admin/control.h"

#include <unistd.h>

#include <algorithm>

#include "admin/control_client.h"
#include "admin/control_line.h"
#include "admin/control_reply.h"
#include "base/json_writer.h"
#include "base/log.h"

namespace wse::admin {
namespace {

constexpr int kBacklog = 16;

}  // namespace

Result<std::unique_ptr<ControlServer>> ControlServer::start(Loop &loop, std::string path,
                                                            CommandTable commands,
                                                            ControlLimits limits) {
    auto socket = open_control_socket(path);
    if (!socket) return socket.error();
    std::unique_ptr<ControlServer> server(
        new ControlServer(loop, std::move(path), *socket, std::move(commands), limits));
    if (auto listening = server->listen(); !listening) return listening.error();
    return server;
}

ControlServer::ControlServer(Loop &loop, std::string path, ControlSocket socket,
                             CommandTable commands, ControlLimits limits)
    : loop_(loop),
      path_(std::move(path)),
      socket_(socket),
      commands_(std::move(commands)),
      limits_(limits) {}

ControlServer::~ControlServer() {
    WSE_ASSERT(!listening_ && clients_.empty(), "a control server is destroyed before it stopped");
}

Result<void> ControlServer::listen() {
    // Everything that can fail comes before libuv knows the descriptor: a handle could not be
    // closed here and now.
    if (::listen(socket_.fd, kBacklog) != 0) {
        remove_control_socket(path_, socket_);
        close(socket_.fd);
        return Error{WSE_EIO, "control socket " + path_ + ": cannot listen"};
    }
    uv_pipe_init(loop_.uv(), &listener_, 0);
    listener_.data = this;
    int status = uv_pipe_open(&listener_, socket_.fd);
    if (status == 0)
        status = uv_listen(reinterpret_cast<uv_stream_t *>(&listener_), kBacklog,
                           [](uv_stream_t *stream, int result) noexcept {
                               if (result == 0)
                                   static_cast<ControlServer *>(stream->data)->accept();
                           });
    WSE_ASSERT(status == 0, "libuv refused a listening control socket");
    listening_ = true;
    return {};
}

void ControlServer::accept() {
    auto *client = new ControlClient(*this, reinterpret_cast<uv_stream_t *>(&listener_));
    clients_.insert(client);
    if (clients_.size() <= limits_.clients || client->closing()) return;
    log::warn("admin", "control.full", {{"clients", limits_.clients}});
    client->send(error_line(std::nullopt, "unavailable",
                            "the control socket has " + std::to_string(limits_.clients) +
                                " clients already; try again later"));
    client->close_when_sent();
}

void ControlServer::dispatch(std::string_view line, ControlClient &client) {
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) return;
    std::optional<int64_t> id;
    const auto request = parse_request(line, id);
    if (!request) {
        client.send(error_line(id, "invalid", request.error().text));
        return;
    }
    const Command *command = find(request->command);
    if (!command) {
        if (request->command == "help") {
            client.send(ok_line(*id, command_names()));
        } else {
            client.send(error_line(id, "unknown_command",
                                   "no command of that name; \"help\" lists the commands"));
        }
        return;
    }
    command->run(Args(request->args.root(), request->args_text),
                 Ref<Reply>(new ControlReply(client, request->id)));
}

const Command *ControlServer::find(std::string_view name) const {
    const auto found = std::find_if(commands_.begin(), commands_.end(),
                                    [&](const Command &command) { return command.name == name; });
    return found == commands_.end() ? nullptr : &*found;
}

std::string ControlServer::command_names() const {
    JsonWriter json;
    json.begin_object().key("commands").begin_array();
    for (const Command &command : commands_) json.string(command.name);
    json.end_array().end_object();
    return json.take();
}

void ControlServer::stop(std::function<void()> done) {
    WSE_ASSERT(listening_ && !stopped_, "a control server is stopped twice");
    stopped_ = std::move(done);
    remove_control_socket(path_, socket_);
    for (ControlClient *client : clients_) client->close();
    uv_close(reinterpret_cast<uv_handle_t *>(&listener_), [](uv_handle_t *handle) noexcept {
        auto *server = static_cast<ControlServer *>(handle->data);
        server->listening_ = false;
        server->closed_one();
    });
}

void ControlServer::forget(ControlClient &client) {
    clients_.erase(&client);
    closed_one();
}

void ControlServer::closed_one() {
    // `done` may destroy this server: nothing is touched after it.
    if (stopped_ && !listening_ && clients_.empty()) std::exchange(stopped_, nullptr)();
}

}  // namespace wse::admin
