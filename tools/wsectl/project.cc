// SPDX-License-Identifier: MIT
#include "wsectl/project.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "module/descriptor.h"

namespace wse::ctl {
namespace {

using Values = std::map<std::string, std::string, std::less<>>;

// Where the templates are from the folder of the program.
constexpr const char *kFromProgram = WSE_TEMPLATES_FROM_PROGRAM;
constexpr size_t kMaxName = module::kMaxNameLength - 5;  // "_test" is added for the test

struct Language {
    const char *name;
    const char *suffix;
    const char *said;       // in the README
    const char *languages;  // of the CMake project; the test is in C
    const char *compile;
};
constexpr Language kLanguages[] = {
    {"c", ".c", "C99", "C", "cc -std=c99"},
    {"c++", ".cc", "C++17", "C CXX", "c++ -std=c++17"},
};

// One file of a project: @BODY@ of `frame` is `body`.
struct Part {
    std::string file, frame, body;
};

Error wrong(std::string text) {
    return Error{WSE_EINVAL, std::move(text)};
}

Result<const Language *> find_language(const std::string &name) {
    for (const Language &each : kLanguages)
        if (name == each.name) return &each;
    return wrong("--lang: \"" + name + "\" is none; there are: c, c++");
}

Result<void> check_kind(const std::string &kind) {
    std::string known;
    for (wse_kind each = WSE_KIND_AUTH; each <= WSE_KIND_APP; ++each) {
        if (kind == module::kind_name(each)) return {};
        known += (known.empty() ? "" : ", ") + std::string(module::kind_name(each));
    }
    return wrong("unknown kind \"" + kind + "\"; there are: " + known);
}

// It becomes a file, a target of the build and a name in C, and the server has its rules too.
Result<void> check_name(const std::string &name) {
    constexpr std::string_view kTargets[] = {"all",     "clean",   "edit_cache",    "help",
                                             "install", "package", "rebuild_cache", "test"};
    const bool plain =
        !name.empty() && name[0] >= 'a' && name[0] <= 'z' &&
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
    if (!plain || name.size() > kMaxName)
        return wrong(
            "\"" + name + "\" is no name for a module; it begins with a lower-case letter " +
            "and has at most " + std::to_string(kMaxName) + " lower-case letters, digits and '_'");
    if (std::find(std::begin(kTargets), std::end(kTargets), name) != std::end(kTargets))
        return wrong("\"" + name + "\" is a word of the build; choose another name");
    return {};
}

Result<std::string> read_template(const std::string &path) {
    std::ifstream in(path);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    if (!in.is_open() || in.bad()) return wrong(path + ": cannot be read; install wse-dev anew");
    return text;
}

Result<std::string> make(const Part &part, const std::string &templates, Values values) {
    auto frame = read_template(templates + '/' + part.frame);
    if (!frame) return frame;
    if (!part.body.empty()) {
        auto body = read_template(templates + '/' + part.body);
        if (!body) return body;
        values["BODY"] = *body;
    }
    return fill_template(*frame, values);
}

Result<void> write_new(const std::string &path, const std::string &text) {
    const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0) return wrong(path + ": cannot be written: " + strerrordesc_np(errno));
    const ssize_t written = write(fd, text.data(), text.size());
    const bool whole = written == static_cast<ssize_t>(text.size());
    if (close(fd) != 0 || !whole) return wrong(path + ": cannot be written");
    return {};
}

std::vector<Part> parts_of(const ProjectPlan &plan, const Language &language) {
    const std::string suffix = language.suffix, folder = language.name;
    return {
        {"CMakeLists.txt", "project/CMakeLists.txt.in", ""},
        {"README.md", "project/README.md.in", ""},
        {plan.name + suffix, folder + "/module" + suffix + ".in",
         folder + '/' + plan.kind + suffix + ".in"},
        {plan.name + "_test.c", "test/test.c.in", "test/" + plan.kind + ".c.in"},
    };
}

Result<void> make_directory(const std::string &path) {
    if (mkdir(path.c_str(), 0777) == 0) return {};
    if (errno == EEXIST && std::filesystem::is_directory(path)) return {};
    return wrong(path + ": cannot be made: " + strerrordesc_np(errno));
}

}  // namespace

Result<std::string> template_directory() {
    std::error_code failed;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", failed);
    auto path = (program.parent_path() / kFromProgram).lexically_normal();
    if (failed || !std::filesystem::is_directory(path, failed))
        return Error{WSE_ENOTFOUND, "there are no templates in " + path.string() +
                                        "; they come with wse-dev, install it"};
    return path.string();
}

std::string fill_template(std::string_view text, const Values &values) {
    std::string out;
    for (;;) {
        const size_t begin = text.find('@');
        const size_t end = begin == text.npos ? text.npos : text.find('@', begin + 1);
        if (end == text.npos) return out.append(text);
        const auto found = values.find(text.substr(begin + 1, end - begin - 1));
        out.append(text.substr(0, begin));
        if (found == values.end()) {
            out.append(text.substr(begin, end - begin));  // the second one may begin a word
            text.remove_prefix(end);
            continue;
        }
        Values rest = values;
        rest.erase(found->first);
        out += fill_template(found->second, rest);
        text.remove_prefix(end + 1);
    }
}

Result<std::vector<std::string>> write_project(const ProjectPlan &plan,
                                               const std::string &templates) {
    if (auto sound = check_kind(plan.kind); !sound) return sound.error();
    if (auto sound = check_name(plan.name); !sound) return sound.error();
    const auto found = find_language(plan.language);
    if (!found) return found.error();
    const Language &language = **found;

    std::string upper = plan.kind;
    for (char &c : upper) c = static_cast<char>(c - 'a' + 'A');
    const Values values = {
        {"NAME", plan.name},           {"KIND", plan.kind},
        {"KIND_UPPER", upper},         {"SOURCE", plan.name + language.suffix},
        {"LANGUAGE", language.said},   {"LANGUAGES", language.languages},
        {"COMPILE", language.compile},
    };
    std::vector<std::pair<std::string, std::string>> files;
    std::vector<std::string> names;
    for (const Part &part : parts_of(plan, language)) {
        auto text = make(part, templates, values);
        if (!text) return text.error();
        const std::string path = plan.directory + '/' + part.file;
        if (std::filesystem::exists(std::filesystem::symlink_status(path)))
            return wrong(path + ": is there already; nothing was written");
        files.emplace_back(path, std::move(*text));
        names.push_back(part.file);
    }
    if (auto made = make_directory(plan.directory); !made) return made.error();
    for (const auto &[path, text] : files)
        if (auto written = write_new(path, text); !written) return written.error();
    return names;
}

}  // namespace wse::ctl
