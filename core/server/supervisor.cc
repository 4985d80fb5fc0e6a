// SPDX-License-Identifier: MIT
#include "server/supervisor.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>

#include "base/log.h"
#include "server/process.h"

namespace wse::server {
namespace {

pid_t supervisor_pid = 0;  // in the child: who started it; 0: nobody

sigset_t our_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGCHLD})
        sigaddset(&set, signal);
    return set;
}

bool asks_to_stop(int signal) {
    return signal == SIGTERM || signal == SIGINT || signal == SIGQUIT;
}

// Another try would end the same way.
bool is_final(int status) {
    return WIFEXITED(status) && WEXITSTATUS(status) != exit_code::kInternal;
}

int code_of(int status) {
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

pid_t start_child(const std::function<int()> &serve) {
    const pid_t parent = getpid();
    const pid_t child = fork();
    if (child != 0) return child;
    supervisor_pid = parent;
    // A terminal signals the whole group, and so does timeout(1): with us in it, the server process
    // would hear it twice, once from here, and take the second for impatience.
    setpgid(0, 0);
    const int status = serve();
    // No destructors of the supervisor's half of main() here.
    fflush(nullptr);
    _exit(status);
}

// Passes signals on to the child until it has died; its wait status.
int watch(pid_t child, bool &stopping) {
    const sigset_t set = our_signals();
    for (;;) {
        siginfo_t info{};
        const int signal = sigwaitinfo(&set, &info);
        if (signal < 0) continue;
        if (signal != SIGCHLD) {
            stopping = stopping || asks_to_stop(signal);
            kill(child, signal);
            continue;
        }
        int status = 0;
        if (waitpid(child, &status, WNOHANG) == child) return status;
    }
}

// False: a signal asked to stop before the time was over.
bool pause_for(uint64_t delay_ms) {
    const sigset_t set = our_signals();
    timespec delay{static_cast<time_t>(delay_ms / 1000),
                   static_cast<long>(delay_ms % 1000 * 1'000'000)};
    siginfo_t info{};
    const int signal = delay_ms > 0 ? sigtimedwait(&set, &info, &delay) : -1;
    return signal < 0 || !asks_to_stop(signal);
}

}  // namespace

uint64_t RestartPace::delay_after_death(uint64_t now_ms) {
    if (deaths_ == 0 || now_ms - window_start_ms_ > kWindowMs + delay_ms_) {
        window_start_ms_ = now_ms;
        deaths_ = 0;
        delay_ms_ = 0;
    }
    if (++deaths_ > kBurst) delay_ms_ = std::clamp(delay_ms_ * 2, kMinDelayMs, kMaxDelayMs);
    if (delay_ms_ > 0) window_start_ms_ = now_ms;
    return delay_ms_;
}

void ignore_write_signals() {
    // A peer that has gone is an error of write(), not a reason to die.
    signal(SIGPIPE, SIG_IGN);
    // Nor is a file that has reached the limit of the process (RLIMIT_FSIZE).
    signal(SIGXFSZ, SIG_IGN);
}

void block_signals() {
    const sigset_t set = our_signals();
    sigprocmask(SIG_BLOCK, &set, nullptr);
}

int await_signal() {
    const sigset_t set = our_signals();
    for (;;) {
        siginfo_t info{};
        const int signal = sigwaitinfo(&set, &info);
        if (signal > 0 && signal != SIGCHLD) return signal;
    }
}

int supervise(const Clock &clock, const std::function<int()> &serve) {
    RestartPace pace;
    bool stopping = false;
    for (;;) {
        const pid_t child = start_child(serve);
        if (child < 0) {
            log::error("supervisor", "supervisor.fork_failed", {{"error", strerror(errno)}});
            return exit_code::kSystem;
        }
        const int status = watch(child, stopping);
        if (stopping || is_final(status)) return code_of(status);
        const uint64_t delay_ms = pace.delay_after_death(clock.monotonic_ms());
        log::error("supervisor", "supervisor.server_died",
                   {{"pid", child},
                    {WIFSIGNALED(status) ? "signal" : "status",
                     WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status)},
                    {"restart_in_ms", delay_ms}});
        if (!pause_for(delay_ms)) return exit_code::kDone;
    }
}

void follow_supervisor() {
    if (supervisor_pid == 0) return;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    // It may have died before that.
    if (getppid() != supervisor_pid) raise(SIGTERM);
}

}  // namespace wse::server
