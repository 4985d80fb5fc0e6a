// SPDX-License-Identifier: MIT
// A directory of its own for each test, an environment of its own, and one call that loads.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "config/load.h"

namespace wse::config {

// The least that loads: one listener that everybody may use.
inline constexpr const char *kListener =
    "[listen.main]\naddress = \"127.0.0.1:0\"\nanonymous = true\n";

class ConfigTest : public testing::Test {
protected:
    ConfigTest() {
        std::string name = testing::TempDir() + "wse-config-XXXXXX";
        directory_ = ::mkdtemp(name.data());
    }
    ~ConfigTest() override { std::filesystem::remove_all(directory_); }

    std::string path(const std::string &name) const { return directory_ + '/' + name; }

    void write(const std::string &name, const std::string &text, mode_t mode = 0600) const {
        std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
        std::ofstream(path(name)) << text;
        ::chmod(path(name).c_str(), mode);
    }

    // Loads wse.toml.
    Loaded load() {
        LoadRequest request;
        request.path = path("wse.toml");
        request.overrides = overrides_;
        request.module_dir = "/modules";
        request.getenv = [this](const char *variable) -> const char * {
            const auto found = environment_.find(variable);
            return found == environment_.end() ? nullptr : found->second.c_str();
        };
        diagnostics_ = Diagnostics();
        return config::load(request, diagnostics_);
    }
    Loaded load(const std::string &text) {
        write("wse.toml", text);
        return load();
    }

    // Without the test's directory, which is another one each time.
    std::string report() const { return without_directory(diagnostics_.render()); }
    std::string without_directory(std::string text) const {
        const std::string prefix = directory_ + '/';
        for (size_t at; (at = text.find(prefix)) != std::string::npos;) {
            text.erase(at, prefix.size());
        }
        return text;
    }

    std::string directory_;
    std::map<std::string, std::string> environment_;
    std::vector<std::string> overrides_;
    Diagnostics diagnostics_;
};

}  // namespace wse::config
