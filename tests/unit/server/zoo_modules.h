// SPDX-License-Identifier: MIT
// Modules of the zoo as a server has them: a service loop that the test turns, and a journal each.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "base/counters.h"
#include "loop/loop.h"
#include "module/set.h"
#include "support/fake_clock.h"

namespace wse::server::test {

class ZooModules : public testing::Test {
protected:
    ZooModules() {
        std::string pattern = std::filesystem::temp_directory_path() / "wse-server-XXXXXX";
        directory = mkdtemp(pattern.data());
    }
    ~ZooModules() override {
        modules.reset();
        std::filesystem::remove_all(directory);
    }

    std::string path(const std::string &name) const { return directory + '/' + name; }

    // One instance of each of these, whose journal has its name. `more` is text for the listener.
    void load(const std::vector<std::string> &names, const std::string &more = "") {
        std::ofstream file(path("wse.toml"));
        file << "[listen.main]\naddress = \"127.0.0.1:0\"\nanonymous = true\n" << more;
        for (const auto &name : names)
            file << "[module." << name << "]\njournal = \"" << path(name) << "\"\n";
        file.close();
        config::Diagnostics diagnostics;
        config::LoadRequest request;
        request.path = path("wse.toml");
        request.module_dir = WSE_ZOO_DIR;
        request.getenv = [](const char *) -> const char * { return nullptr; };
        loaded = config::load(request, diagnostics);
        modules = module::ModuleSet::load(loaded, diagnostics);
        const module::Surroundings surroundings{
            .clock = clock, .loops = {}, .service = {&service, &counters}};
        ASSERT_TRUE(modules->create(surroundings, loaded, diagnostics)) << diagnostics.render();
        ASSERT_TRUE(modules->start());
    }
    void turn() { uv_run(service.uv(), UV_RUN_NOWAIT); }
    std::string journal(const std::string &name) const {
        std::ifstream in(path(name));
        return {std::istreambuf_iterator<char>(in), {}};
    }

    wse::test::FakeClock clock;
    std::string directory;
    Counters counters;
    Loop service{"service", clock};
    config::Loaded loaded;
    std::unique_ptr<module::ModuleSet> modules;
};

}  // namespace wse::server::test
