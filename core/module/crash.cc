// SPDX-License-Identifier: MIT
// Everything below install_crash_handler() runs inside a signal handler: no memory, no locks, no
// library but system calls.
#include "module/crash.h"

#include <signal.h>
#include <sys/uio.h>
#include <ucontext.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "base/log.h"
#include "module/call.h"
#include "module/code_map.h"

namespace wse::module {
namespace {

struct Fatal {
    int number;
    const char *name;
};
constexpr std::array<Fatal, 5> kFatal = {
    {{SIGSEGV, "SEGV"}, {SIGBUS, "BUS"}, {SIGFPE, "FPE"}, {SIGILL, "ILL"}, {SIGABRT, "ABRT"}}};

std::array<struct sigaction, kFatal.size()> before;
std::atomic<bool> told{false};

// A line of bounded length; what does not fit is left out.
class Line {
public:
    explicit Line(bool json) : json_(json) { append(json ? "{\"event\":\"crash\"" : "crash"); }
    void field(std::string_view key, const char *value) {
        append(json_ ? ",\"" : " ");
        append(key);
        append(json_ ? "\":\"" : "=");
        append(value ? value : "-");
        if (json_) append("\"");
    }
    std::string_view text() {
        append(json_ ? "}\n" : "\n");
        return {bytes_.data(), size_};
    }

private:
    void append(std::string_view text) {
        if (text.size() > bytes_.size() - size_) return;
        std::memcpy(bytes_.data() + size_, text.data(), text.size());
        size_ += text.size();
    }

    const bool json_;
    std::array<char, 512> bytes_;
    size_t size_ = 0;
};

struct Registers {
    uintptr_t code = 0;
    uintptr_t stack = 0;
};

Registers registers_of(const void *context) {
    const mcontext_t &machine = static_cast<const ucontext_t *>(context)->uc_mcontext;
#if defined(__x86_64__)
    return {static_cast<uintptr_t>(machine.gregs[REG_RIP]),
            static_cast<uintptr_t>(machine.gregs[REG_RSP])};
#elif defined(__aarch64__)
    return {machine.pc, machine.sp};
#else
    (void)machine;
    return {};
#endif
}

// The innermost module with an address on the stack: it has called what crashed, abort() perhaps.
// Read by a system call, which gives an error where the stack ends.
const char *module_on_stack(uintptr_t stack) {
    std::array<uintptr_t, 128> words;
    constexpr size_t kPages = 16;
    for (size_t page = 0; page < kPages; ++page) {
        const iovec to{words.data(), sizeof words};
        const iovec from{reinterpret_cast<void *>(stack + page * sizeof words), sizeof words};
        const ssize_t taken = process_vm_readv(getpid(), &to, 1, &from, 1, 0);
        if (taken <= 0) return nullptr;
        for (size_t i = 0; i < static_cast<size_t>(taken) / sizeof words[0]; ++i)
            if (const char *name = module_at(words[i])) return name;
    }
    return nullptr;
}

void tell(int number, const void *context) {
    const Registers registers = registers_of(context);
    const char *code = module_at(registers.code);
    if (!code) code = module_on_stack(registers.stack);
    const CallSlot *call = current_call();
    const char *module = call ? call->module.load(std::memory_order_relaxed) : nullptr;
    Line line(log::is_json());
    for (const Fatal &fatal : kFatal)
        if (fatal.number == number) line.field("signal", fatal.name);
    line.field("module", module ? module : code);
    line.field("function", module ? call->function.load(std::memory_order_relaxed) : nullptr);
    line.field("loop", module ? call->loop.load(std::memory_order_relaxed) : nullptr);
    line.field("code", code);
    log::write_now(line.text());
}

void on_fatal(int number, siginfo_t *info, void *context) {
    const int saved = errno;
    // A second thread that crashes meanwhile, or a crash in here, goes straight on.
    if (!told.exchange(true)) tell(number, context);
    for (size_t i = 0; i < kFatal.size(); ++i)
        if (kFatal[i].number == number) sigaction(number, &before[i], nullptr);
    // A fault happens again when we return, with its address; what was sent must be sent again.
    if (info->si_code <= 0) raise(number);
    errno = saved;
}

}  // namespace

void install_crash_handler() {
    for (size_t i = 0; i < kFatal.size(); ++i) {
        struct sigaction action {};
        action.sa_sigaction = on_fatal;
        action.sa_flags = SA_SIGINFO | SA_ONSTACK;
        sigemptyset(&action.sa_mask);
        sigaction(kFatal[i].number, &action, &before[i]);
    }
}

}  // namespace wse::module
