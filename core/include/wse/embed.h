/* SPDX-License-Identifier: MIT
 *
 * wse/embed.h - the whole server inside a program, on the program's own event loop.
 *
 * The program is a module like any other: it hands over descriptors as <wse/module.h> has them,
 * most of all one of kind app, which hears of the clients, steers them, publishes and is asked.
 * Modules of the service loop run on the program's loop, so what it says and hears needs no lock;
 * connections and the hub have threads of their own.
 *
 *     static const wse_module_def mine = {WSE_MODULE(WSE_KIND_APP, 0), .name = "mine", ...};
 *     const wse_module_def *const modules[] = {&mine};
 *     wse_server_options options = {.struct_size = sizeof options, .config = "wse.toml",
 *                                   .modules = modules, .module_count = 1};
 *     wse_server *server;
 *     wse_error error = {.struct_size = sizeof error};
 *     if (wse_server_start(uv_default_loop(), &options, started, NULL, &server, &error) != WSE_OK)
 * ... uv_run(uv_default_loop(), UV_RUN_DEFAULT);
 *
 * All functions are called on the thread that turns the loop. One server at a time in a process:
 * log and signal dispositions are the process's. SIGPIPE and SIGXFSZ are ignored from the first
 * start on; server.supervisor and server.user mean nothing here.
 */
#ifndef WSE_EMBED_H
#define WSE_EMBED_H

#include <wse/module.h>

#ifdef __cplusplus
extern "C" {
#endif

struct uv_loop_s; /* uv_loop_t of libuv 1.x */

typedef struct wse_server wse_server;

typedef struct wse_server_options {
    uint32_t struct_size;
    uint32_t reserved;
    const char *config;     /* path of a configuration file, as of wsed -c */
    wse_strings overrides;  /* each as of wsed -g: listen.main.address="127.0.0.1:0" */
    const char *module_dir; /* where a relative `load` looks; NULL: where they are installed */
    /* The program's own, beside those of the file: each is an instance under its name, with the
     * options of [module.NAME] if there is such a table. They outlive the server. */
    const wse_module_def *const *modules;
    uint64_t module_count;
} wse_server_options;

/* Reads the configuration and begins to start. `started` is called on the loop, after this call,
 * exactly once: with WSE_OK the server serves; anything else says why in `text`, the server has
 * stopped, and wse_server_free is what is left. The options are not needed after the call. A
 * failure here, WSE_EINVAL with the first problem in `error` (all of them go to standard error),
 * leaves nothing behind, and `started` is not called. */
WSE_EXPORT int32_t wse_server_start(struct uv_loop_s *loop, const wse_server_options *options,
                                    void (*started)(void *arg, int32_t status, const char *text),
                                    void *arg, wse_server **ret, wse_error *error) WSE_NOEXCEPT;

/* Where a listener was bound, "127.0.0.1:5006"; NULL when there is none of that name. The server's
 * string. */
WSE_EXPORT const char *wse_server_address(const wse_server *server,
                                          const char *listener) WSE_NOEXCEPT;

/* Says goodbye to the clients, delivers what modules of kind app are still to hear, stops the
 * modules and ends the threads: of each of these at most limits.close_timeout and some seconds
 * long, of the second ten times that while a module goes on with its batches. `stopped` is called
 * on the loop, after this call, exactly once. Once, and after `started`. A module that does not
 * stop ends the process, as it may do anything at any time. */
WSE_EXPORT void wse_server_stop(wse_server *server, void (*stopped)(void *arg),
                                void *arg) WSE_NOEXCEPT;

/* After `stopped`, or after a start that failed; may be called in these. The loop can be closed
 * once it has turned to its end again. */
WSE_EXPORT void wse_server_free(wse_server *server) WSE_NOEXCEPT;

#ifdef __cplusplus
}
#endif
#endif
