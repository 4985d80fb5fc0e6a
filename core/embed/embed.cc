// SPDX-License-Identifier: MIT
// The functions of <wse/embed.h>.
#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include <wse/embed.h>

#include "embed/embedded.h"

// What the program holds.
struct wse_server {
    std::unique_ptr<wse::embed::Embedded> embedded;
};

namespace {

int32_t fail(wse_error *error, const wse::Error &why) {
    if (error) {
        const size_t length = std::min(why.text.size(), sizeof error->text - 1);
        std::memcpy(error->text, why.text.data(), length);
        error->text[length] = '\0';
    }
    return why.status;
}

}  // namespace

int32_t wse_server_start(uv_loop_s *loop, const wse_server_options *options,
                         void (*started)(void *, int32_t, const char *), void *arg,
                         wse_server **ret, wse_error *error) noexcept {
    if (!loop || !options || options->struct_size < sizeof *options || !started || !ret)
        return fail(error, {WSE_EINVAL,
                            "a loop, whole options, a callback and a place for the "
                            "server are needed"});
    auto embedded = wse::embed::Embedded::make(loop, *options);
    if (!embedded) return fail(error, embedded.error());
    *ret = new (std::nothrow) wse_server{std::move(*embedded)};
    if (!*ret) return fail(error, {WSE_ENOMEM, "out of memory"});
    (*ret)->embedded->start([started, arg](const wse::Result<void> &result) {
        started(arg, result ? WSE_OK : result.error().status,
                result ? "" : result.error().text.c_str());
    });
    return WSE_OK;
}

const char *wse_server_address(const wse_server *server, const char *listener) noexcept {
    return server->embedded->address(listener);
}

void wse_server_stop(wse_server *server, void (*stopped)(void *), void *arg) noexcept {
    server->embedded->stop([stopped, arg] { stopped(arg); });
}

void wse_server_free(wse_server *server) noexcept {
    delete server;
}
