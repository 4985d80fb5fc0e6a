// SPDX-License-Identifier: MIT
#include "trial.h"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

namespace wse::check {
namespace {

constexpr size_t kMaxName = 64;
constexpr size_t kMaxOutput = 1 << 20;

// Shared with the children: where a child was when it died.
char *current_function() {
    static char *const shared = static_cast<char *>(
        mmap(nullptr, kMaxName, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    return shared;
}

std::string signal_name(int number) {
    const char *name = sigabbrev_np(number);
    return name ? std::string("SIG") + name : "signal " + std::to_string(number);
}

// Leaks of the trial, when a leak sanitizer is there to see them.
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" int __lsan_do_recoverable_leak_check() __attribute__((weak));

[[noreturn]] void be_child(const Trial &trial, int pipe) {
    for (const int fatal : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL}) signal(fatal, SIG_DFL);
    Notes notes(pipe);
    trial.run(notes);
    Notes::enter("");
    if (__lsan_do_recoverable_leak_check && __lsan_do_recoverable_leak_check() != 0)
        notes.find("memory is not freed; standard error says which");
    _exit(0);
}

// Everything the child writes until it has ended or the time is up; false then.
bool read_all(int pipe, int seconds, std::string &out) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            end - std::chrono::steady_clock::now());
        if (left.count() <= 0) return false;
        pollfd ready{.fd = pipe, .events = POLLIN, .revents = 0};
        if (poll(&ready, 1, static_cast<int>(left.count())) <= 0) continue;
        char bytes[4096];
        const ssize_t taken = read(pipe, bytes, sizeof bytes);
        if (taken <= 0) return true;
        if (out.size() < kMaxOutput) out.append(bytes, static_cast<size_t>(taken));
    }
}

std::vector<Finding> findings_of(const std::string &name, const std::string &output) {
    std::vector<Finding> findings;
    for (size_t begin = 0; begin < output.size();) {
        const size_t end = std::min(output.find('\n', begin), output.size());
        findings.push_back({name, output.substr(begin, end - begin)});
        begin = end + 1;
    }
    return findings;
}

}  // namespace

void Notes::find(const std::string &sentence) {
    const std::string line = sentence + '\n';
    if (write(pipe_, line.data(), line.size()) < 0) _exit(1);
}

void Notes::enter(const char *function) {
    strncpy(current_function(), function, kMaxName - 1);
}

std::string Notes::current() {
    return {current_function(), strnlen(current_function(), kMaxName)};
}

std::vector<Finding> run_trial(const Trial &trial, int seconds, const std::string &during) {
    int ends[2];
    Notes::enter("");
    if (pipe(ends) != 0) return {{trial.name, "could not be tried: no pipe"}};
    const pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        be_child(trial, ends[1]);
    }
    close(ends[1]);
    std::string output;
    const bool ended = child > 0 && read_all(ends[0], seconds, output);
    close(ends[0]);
    if (child < 0) return {{trial.name, "could not be tried: no process"}};
    if (!ended) kill(child, SIGKILL);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    std::vector<Finding> findings = findings_of(trial.name, output);
    const std::string where = Notes::current().empty() ? "the process" : Notes::current();
    if (!ended)
        findings.push_back({trial.name, where + " does not return within " +
                                            std::to_string(seconds) + " s" + during});
    else if (WIFSIGNALED(status))
        findings.push_back(
            {trial.name, where + " crashes with " + signal_name(WTERMSIG(status)) + during});
    else if (WEXITSTATUS(status) != 0)
        findings.push_back({trial.name, where + " ends the process with status " +
                                            std::to_string(WEXITSTATUS(status)) + during});
    return findings;
}

}  // namespace wse::check
