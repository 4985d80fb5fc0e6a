// SPDX-License-Identifier: MIT
#include "server/sockets.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "net/address.h"

namespace wse::server {

Result<Sockets> bind_all(const config::Settings &settings) {
    Sockets sockets;
    for (const auto &listener : settings.listeners) {
        auto bound = net::bind_address(listener.address, settings.server.loops);
        if (!bound) {
            for (const auto &fds : sockets.fds) std::for_each(fds.begin(), fds.end(), close);
            return Error{bound.error().status,
                         "listen." + listener.name + ": " + bound.error().text};
        }
        sockets.fds.push_back(std::move(bound->fds));
        sockets.addresses.push_back(std::move(bound->address));
    }
    if (settings.http.address.empty()) return sockets;
    auto bound = net::bind_address(settings.http.address, 1);
    if (!bound) {
        for (const auto &fds : sockets.fds) std::for_each(fds.begin(), fds.end(), close);
        return Error{bound.error().status, "http: " + bound.error().text};
    }
    sockets.http = bound->fds.front();
    sockets.http_address = std::move(bound->address);
    return sockets;
}

}  // namespace wse::server
