// SPDX-License-Identifier: MIT
#include "subject.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/json_scan.h"
#include "base/utf8.h"
#include "config/bind.h"
#include "config/diagnostics.h"
#include "config/load.h"

namespace wse::check {
namespace {

// What the server would want besides.
std::vector<std::string> surroundings() {
    return {R"(listen.main.address = "127.0.0.1:0")", "listen.main.anonymous = true"};
}

std::string load_line(const std::string &name, const std::string &path) {
    return "module." + name + ".load = '''" + path + "'''";
}

config::Loaded load(const std::string &file, const std::vector<std::string> &overrides,
                    config::Diagnostics &diagnostics) {
    return config::load({file, overrides, "/", {}}, diagnostics);
}

Error unusable(const config::Diagnostics &diagnostics) {
    return Error{WSE_EINVAL, "the options cannot be used:\n" + diagnostics.render()};
}

// The X of [module.X].
Result<std::string> find_section(const std::string &file, const std::string &module) {
    config::Diagnostics ignored;
    const auto loaded = load(file, surroundings(), ignored);
    const auto &modules = loaded.settings().modules;
    for (const auto &entry : modules)
        if (entry.name == module) return module;
    if (modules.size() == 1) return modules.front().name;
    return Error{WSE_EINVAL, file + ": there is no section [module." + module + ']'};
}

}  // namespace

Result<Subject> load_subject(const std::string &path) {
    Subject subject;
    std::error_code ignored;
    subject.path = std::filesystem::absolute(path, ignored).lexically_normal();
    auto library = module::Library::open(path);
    if (!library) return library.error();
    subject.library = std::move(*library);
    subject.library->keep();
    return subject;
}

Result<void> read_options(Subject &subject, const std::string &file) {
    std::string name = subject.def().name;
    if (!file.empty()) {
        const auto section = find_section(file, name);
        if (!section) return section.error();
        name = *section;
    }
    config::Diagnostics diagnostics;
    std::vector<std::string> overrides = surroundings();
    overrides.push_back(load_line(name, subject.path));
    const auto loaded = load(file.empty() ? "/dev/null" : file, overrides, diagnostics);
    if (!diagnostics.ok()) return unusable(diagnostics);
    const auto &modules = loaded.settings().modules;
    const auto entry = std::find_if(modules.begin(), modules.end(),
                                    [&](const auto &one) { return one.name == name; });
    if (entry == modules.end()) return Error{WSE_EINVAL, file + ": the section is not read"};
    subject.config =
        subject.arena.allocate(std::max<size_t>(subject.descriptor().options().config_size, 1));
    const bool bound = config::bind_module(loaded, static_cast<size_t>(entry - modules.begin()),
                                           subject.descriptor().options(), subject.config,
                                           subject.arena, diagnostics);
    return bound ? Result<void>() : unusable(diagnostics);
}

Result<void> read_offer(Subject &subject, const std::string &file) {
    std::ifstream in(file);
    subject.offer.assign(std::istreambuf_iterator<char>(in), {});
    if (!in) return Error{WSE_EIO, file + ": cannot be read"};
    const bool is_object = subject.offer.find_first_not_of(" \t\r\n") == subject.offer.find('{');
    if (subject.offer.empty() || !is_object || !is_utf8(subject.offer) ||
        !check_json(subject.offer))
        return Error{WSE_EINVAL, file + ": an offer is a JSON object"};
    return {};
}

}  // namespace wse::check
