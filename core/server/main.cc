// SPDX-License-Identifier: MIT
// wsed: reads the configuration, binds, becomes its user, serves until a signal ends it.
#include <signal.h>
#include <unistd.h>

#include <cstdio>

#include "base/alt_stack.h"
#include "base/log.h"
#include "base/version.h"
#include "module/crash.h"
#include "module/watchdog.h"
#include "proto/codes.h"
#include "server/checks.h"
#include "server/command_line.h"
#include "server/process.h"
#include "server/server.h"
#include "server/supervisor.h"

namespace wse::server {
namespace {

int fail(int code, const std::string &text) {
    std::fprintf(stderr, "wsed: %s\n", text.c_str());
    return code;
}

void print(const config::Diagnostics &diagnostics) {
    std::fputs(diagnostics.render().c_str(), stderr);
}

int print_build() {
    std::printf("wsed %s\nmodule ABI %u.%u\nconfiguration %s\nmodules %s\n", kVersion,
                WSE_ABI_MAJOR, WSE_ABI_MINOR, WSE_CONFIG_PATH, WSE_MODULE_DIR);
    return exit_code::kDone;
}

// -t and -T: everything short of binding and running. Modules are looked at also when something
// else is wrong, so that one run tells all.
int check(const CommandLine &line, const config::Loaded &loaded, config::Diagnostics &diagnostics) {
    const auto modules = module::ModuleSet::load(loaded, diagnostics);
    check_promises(loaded, *modules, diagnostics);
    const SystemClock clock;
    CertificateTable(loaded.settings(), clock).read(loaded, diagnostics);
    print(diagnostics);
    if (!diagnostics.ok())
        return fail(exit_code::kConfig, "configuration " + line.config_path + " is not usable");
    if (auto process = check_process(loaded.settings()); !process)
        return fail(exit_code::kConfig, process.error().text);
    if (line.mode == Mode::kDump) {
        std::fputs(config::dump(loaded, modules->tables()).c_str(), stdout);
    } else {
        std::printf("configuration %s is ok\n", line.config_path.c_str());
    }
    return exit_code::kDone;
}

// Until a signal asks to stop. A second one does not wait for clients any more.
void serve_until_signal(Server &server) {
    for (;;) {
        switch (await_signal()) {
            case SIGUSR1:
                log::reopen();
                break;
            case SIGHUP:
                log::warn("server", "server.reload_unsupported",
                          {{"hint", "restart wsed to read the configuration again"}});
                break;
            default:
                for (const int signal_number : {SIGTERM, SIGINT, SIGQUIT})
                    signal(signal_number, [](int) { _exit(exit_code::kDone); });
                sigset_t none;
                sigemptyset(&none);
                pthread_sigmask(SIG_SETMASK, &none, nullptr);
                return server.stop(proto::close::kDrain);
        }
    }
}

int serve(const CommandLine &line, const config::Loaded &loaded, const Sockets &sockets,
          CertificateTable &certificates) {
    const auto &settings = loaded.settings();
    // The supervisor read the files long ago, perhaps. What they hold by now is better, unless they
    // are just being replaced; and who may not read a key any more can do so before this.
    const auto refreshed = certificates.reload();
    if (auto dropped = drop_privileges(settings.server); !dropped)
        return fail(exit_code::kConfig, dropped.error().text);
    follow_supervisor();
    if (auto started = start_log(settings.log); !started)
        return fail(exit_code::kSystem, started.error().text);
    const AltStack stack;
    module::install_crash_handler();
    int code = exit_code::kDone;
    {
        const SystemClock clock;
        const module::Watchdog watchdog(clock);
        Server server(loaded, line.config_path, sockets, certificates);
        config::Diagnostics diagnostics;
        log::info("server", "server.starting", {{"version", kVersion}, {"pid", getpid()}});
        if (!refreshed)
            log::error("server", "certificates.refused", {{"error", refreshed.error().text}});
        auto started = server.start(diagnostics);
        print(diagnostics);
        if (started) {
            log::info("server", "server.ready");
            serve_until_signal(server);
            log::info("server", "server.stopped");
        } else {
            code = diagnostics.ok() ? fail(exit_code::kUnavailable, started.error().text)
                                    : exit_code::kConfig;
        }
    }
    log::stop();
    return code;
}

int run(const CommandLine &line) {
    config::Diagnostics diagnostics;
    const config::Loaded loaded =
        config::load({line.config_path, line.overrides, line.module_dir, {}}, diagnostics);
    if (line.mode != Mode::kRun) return check(line, loaded, diagnostics);
    const SystemClock clock;
    CertificateTable certificates(loaded.settings(), clock);
    certificates.read(loaded, diagnostics);
    print(diagnostics);
    if (!diagnostics.ok())
        return fail(exit_code::kConfig, "configuration " + line.config_path + " is not usable");

    raise_descriptor_limit();
    ignore_write_signals();
    block_signals();
    const auto &settings = loaded.settings();
    if (auto made = make_runtime_dir(settings.server); !made)
        return fail(exit_code::kSystem, made.error().text);
    if (TopicPolicies(settings.topics).keeps_anything()) make_state_dir(settings.server);
    auto sockets = bind_all(settings);
    if (!sockets) return fail(exit_code::kUnavailable, sockets.error().text);
    const auto serve_once = [&] { return serve(line, loaded, *sockets, certificates); };
    return settings.server.supervisor ? supervise(clock, serve_once) : serve_once();
}

}  // namespace
}  // namespace wse::server

int main(int argc, char **argv) {
    using namespace wse::server;
    const auto line = parse_command_line(argc, argv);
    if (!line) return fail(exit_code::kUsage, line.error().text + "; see wsed --help");
    switch (line->mode) {
        case Mode::kHelp:
            std::fputs(usage(), stdout);
            return exit_code::kDone;
        case Mode::kVersion:
            std::printf("wsed %s\n", wse::kVersion);
            return exit_code::kDone;
        case Mode::kBuild:
            return print_build();
        default:
            return run(*line);
    }
}
