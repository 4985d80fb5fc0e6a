// SPDX-License-Identifier: MIT
// A small world for modules of the zoo: loops, counters, and a journal of what was called.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "module/instance.h"
#include "support/fake_clock.h"

namespace wse::module::test {

inline std::string zoo_path(const std::string &name) {
    return std::string(WSE_ZOO_DIR) + '/' + name + ".so";
}

class TempDir {
public:
    TempDir() {
        std::string pattern = (std::filesystem::temp_directory_path() / "wse-module-XXXXXX");
        path_ = mkdtemp(pattern.data());
    }
    ~TempDir() { std::filesystem::remove_all(path_); }
    std::string file(const std::string &name) const { return path_ + '/' + name; }
    const std::string &path() const { return path_; }

private:
    std::string path_;
};

inline std::string read_file(const std::string &path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
}

// The config struct of tests/abi/zoo/journal.h.
struct ZooConfig {
    const char *journal = nullptr;
};

// A plan as ModuleSet would make it.
inline Plan plan_of(const std::string &module, const std::string &journal) {
    Plan plan;
    plan.name = "zoo_" + module;
    auto library = Library::open(zoo_path(module));
    if (!library) ADD_FAILURE() << library.error().text;
    plan.library = std::move(*library);
    auto *config = static_cast<ZooConfig *>(plan.arena.allocate(sizeof(ZooConfig)));
    config->journal = plan.arena.string(journal);
    plan.config = config;
    return plan;
}

// Loops that have no thread: a test turns them, with a clock that it sets.
class World {
public:
    explicit World(size_t loops = 1) : surroundings{.clock = clock, .loops = {}} {
        for (size_t i = 0; i < loops; ++i) {
            loops_.push_back(std::make_unique<Loop>("loop" + std::to_string(i), clock));
            counters_.push_back(std::make_unique<Counters>());
            surroundings.loops.push_back({loops_.back().get(), counters_.back().get()});
        }
        surroundings.service = {&service_, &service_counters_};
    }

    Result<std::unique_ptr<Instance>> create(const std::string &module) {
        return Instance::create(plan_of(module, journal_path()), surroundings);
    }
    // Created and started.
    std::unique_ptr<Instance> run(const std::string &module) {
        auto instance = create(module);
        if (!instance) ADD_FAILURE() << instance.error().text;
        auto started = (*instance)->start();
        if (!started) ADD_FAILURE() << started.error().text;
        return std::move(*instance);
    }
    Loop &loop(size_t i = 0) { return *loops_[i]; }
    Loop &service() { return service_; }
    // Tasks posted so far, and what they post.
    void turn() {
        for (int round = 0; round < 3; ++round)
            for (Loop *loop : all_loops()) uv_run(loop->uv(), UV_RUN_NOWAIT);
    }
    // Time passes: what is due fires.
    void pass(uint64_t ms) {
        clock.advance(ms);
        for (Loop *loop : all_loops()) loop->timers().advance(clock.monotonic_ms());
        turn();
    }
    uint64_t count(Counter counter) const {
        uint64_t sum = 0;
        for (const auto &counters : counters_) sum += counters->read(counter);
        sum += service_counters_.read(counter);
        return sum;
    }
    std::string journal_path() const { return directory_.file("journal"); }
    std::string journal() const { return read_file(journal_path()); }

    wse::test::FakeClock clock;

private:
    std::vector<Loop *> all_loops() {
        std::vector<Loop *> loops{&service_};
        for (auto &loop : loops_) loops.push_back(loop.get());
        return loops;
    }

    TempDir directory_;
    Loop service_{"service", clock};
    Counters service_counters_;
    std::vector<std::unique_ptr<Loop>> loops_;
    std::vector<std::unique_ptr<Counters>> counters_;

public:
    Surroundings surroundings;
};

// One question and what became of it.
struct Asked {
    std::unique_ptr<Pending> pending;
    std::optional<Result<Identity>> answer;
    int calls = 0;

    static std::unique_ptr<Asked> of(Authenticator &auth, std::string_view credential,
                                     uint64_t deadline_ms = 1000) {
        auto asked = std::make_unique<Asked>();
        Asked *self = asked.get();
        AuthRequest request;
        request.source = Credential::kBearer;
        request.credential = credential;
        request.deadline_ms = deadline_ms;
        asked->pending = auth.authenticate(request, [self](Result<Identity> answer) {
            ++self->calls;
            self->answer = std::move(answer);
        });
        return asked;
    }
    int status() const { return !answer ? 1 : answer->ok() ? WSE_OK : answer->error().status; }
};

}  // namespace wse::module::test
