// SPDX-License-Identifier: MIT
// One module instance and its life: create, start on every loop, stop, destroy.
#pragma once

#include <future>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/arena.h"
#include "module/auth.h"
#include "module/authenticator.h"
#include "module/host.h"
#include "module/library.h"
#include "module/loop_side.h"

namespace wse::module {

// A module and its options, from which an instance is made. Of its code only `check` has run.
struct Plan {
    std::string name;  // the instance's
    std::unique_ptr<Library> library;
    config::Arena arena;     // the strings in the config
    void *config = nullptr;  // the module's struct, in the arena

    const wse_module_def &def() const { return library->descriptor().def; }
    // The module's own rules on its options. [main]
    Result<void> check() const;
};

// [main] unless said otherwise; never on one of the loops.
class Instance {
public:
    static Result<std::unique_ptr<Instance>> create(Plan plan, const Surroundings &surroundings);
    // Stops it if need be, then calls the module's destroy. If it did not stop on some loop it may
    // still be at work: then it is left as it is, memory and all.
    ~Instance();
    Instance(const Instance &) = delete;
    Instance &operator=(const Instance &) = delete;

    const std::string &name() const { return plan_->name; }
    const Library &library() const { return *plan_->library; }
    const Descriptor &descriptor() const { return plan_->library->descriptor(); }
    // What the module's functions get.
    void *self() const { return self_; }
    Host &host() { return *host_; }
    const Host &host() const { return *host_; }
    // Of that loop; null when the module is of another kind. [any], to be used on the loop.
    Authenticator *authenticator(size_t loop) const;

    // [any] The names of those it runs on.
    std::vector<std::string> loops() const;

    // On every loop in turn. A failure stops those that had started, last first.
    Result<void> start();
    // Asks the module to stop on every loop where it started. Again does nothing.
    void begin_stop();
    // Begins it if need be and waits, at most for the deadline; turns loops that have no thread
    // (yet, or any more). False when the module did not stop everywhere, which a log line tells.
    bool wait_stopped();

    // [any] Questions that the module took and has not answered, and the age of the oldest.
    uint64_t tokens_outstanding() const;
    uint64_t tokens_oldest_ms() const;

private:
    Instance(Plan plan, const Surroundings &surroundings);
    Error failure(const std::string &doing, const wse_error &error, int32_t status) const;
    Result<void> start_on(size_t loop);
    void begin_stop_on(size_t loop);
    void wait_stopped_on(size_t loop);
    bool quiet() const;
    void turn_idle_loops();

    std::unique_ptr<Plan> plan_;
    std::unique_ptr<Host> host_;
    void *self_ = nullptr;
    uint64_t stop_deadline_ms_;
    size_t started_ = 0;  // loops 0 to started_ - 1
    bool stopping_ = false;
    std::vector<std::promise<bool>> stops_;  // one for each loop where it is to stop
    std::vector<std::unique_ptr<ModuleAuthenticator>> authenticators_;
};

}  // namespace wse::module
