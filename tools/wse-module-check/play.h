// SPDX-License-Identifier: MIT
// An instance of the module with the test host around it, in the process of a trial.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include <wse/test_host.h>

#include "subject.h"
#include "trial.h"

namespace wse::check {

// Descriptors and threads of the process.
struct Belongings {
    std::vector<std::string> descriptors;
    size_t threads = 0;
    static Belongings now();
};

class Play {
public:
    static constexpr uint32_t kLoops = 2;
    static constexpr uint64_t kNowMs = 1'800'000'000'000;

    Play(const Subject &subject, Notes &notes);
    ~Play();
    Play(const Play &) = delete;
    Play &operator=(const Play &) = delete;

    const Subject &subject() const { return subject_; }
    Notes &notes() { return notes_; }
    wse_test_host *host() { return host_; }
    void *self() const { return self_; }
    // The loop that questions are asked on: the first, which is the service loop where there is no
    // other.
    wse_loop *loop() { return wse_test_host_loop(host_, 0); }

    // Calls a function of the module under its name, with memory as short as was asked for.
    template <class Function>
    auto call(const char *function, const Function &what) {
        const Entered entered(*this, function);
        return what();
    }
    // From now on, the allocation of that number fails within calls; 0: none.
    void fail_allocation(uint64_t number) { failing_ = number; }
    bool allocation_failed() const { return failed_; }

    // There until the end: the module may keep it longer than it should.
    wse_shaping *new_shaping() { return &shapings_.emplace_back(); }

    int32_t create();
    // On every loop.
    int32_t start();
    // Turns the loops for so long, or until `done`.
    bool turn(uint64_t ms, const std::function<bool()> &done = {});
    // stop on every loop where it was started, and its end; then destroy.
    void stop_and_destroy();
    void destroy();
    // The end of the host: handles left open and rules broken are found.
    void finish();

private:
    // Around each call into the module.
    class Entered {
    public:
        Entered(Play &play, const char *function);
        ~Entered();
        Entered(const Entered &) = delete;
        Entered &operator=(const Entered &) = delete;

    private:
        Play &play_;
    };

    const Subject &subject_;
    Notes &notes_;
    wse_test_host *host_;
    void *self_ = nullptr;
    std::list<wse_shaping> shapings_;
    bool created_ = false;
    uint32_t started_ = 0;
    uint64_t failing_ = 0;
    bool failed_ = false;
};

// "0", "-5 (no such object)".
std::string status_name(int32_t status);

}  // namespace wse::check
