// SPDX-License-Identifier: MIT
// wse-module-check: takes a module through its life and says what is wrong. See
// wse-module-check(1).
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "base/version.h"
#include "checks.h"

namespace {

constexpr int kSound = 0;
constexpr int kFindings = 1;
constexpr int kUnusable = 2;
// For one trial; sanitizers make everything slower.
constexpr int kTrialSeconds = 60;

constexpr const char *kUsage = R"(usage: wse-module-check [--json] FILE.so [OPTIONS.toml]

Loads the module, takes it through its life with a host that is made for tests, and
says what is wrong with it. OPTIONS.toml has the section [module.NAME] with the options
to use; without it the defaults are used. The module's code runs, and may do anything.

      --json     the findings as a JSON object
      --version  print the version
      --help     this text

Exit status: 0 nothing was found, 1 something was, 2 the module cannot be checked.
)";

int fail(const std::string &text) {
    std::fprintf(stderr, "wse-module-check: %s\n", text.c_str());
    return kUnusable;
}

int show(const wse::check::Report &report, bool json) {
    std::fputs((json ? report.json() : report.text()).c_str(), stdout);
    if (std::fflush(stdout) != 0) return fail("standard output cannot be written");
    return report.findings.empty() ? kSound : kFindings;
}

int check(const std::string &file, const std::string &options, bool json) {
    using namespace wse::check;
    Report report;
    report.file = file;
    auto subject = load_subject(file);
    if (!subject) {
        report.add({"loading", subject.error().text});
        return show(report, json);
    }
    report.module = subject->def().name;
    report.version = subject->def().version;
    report.kind = wse::module::kind_name(subject->def().kind);
    if (auto read = read_options(*subject, options); !read) return fail(read.error().text);
    check_file(*subject, report);
    const auto checked = check_behaviour(*subject, kTrialSeconds, report);
    const int status = show(report, json);
    return checked ? status : fail(checked.error().text);
}

}  // namespace

int main(int argc, char **argv) {
    std::vector<std::string> files;
    bool json = false;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word == "--help") return std::fputs(kUsage, stdout) < 0;
        if (word == "--version") return std::printf("wse-module-check %s\n", wse::kVersion) < 0;
        if (word == "--json")
            json = true;
        else if (word.starts_with("-"))
            return fail("unknown option " + std::string(word) + "; see wse-module-check --help");
        else
            files.emplace_back(word);
    }
    if (files.empty() || files.size() > 2)
        return fail("one module and at most one file of options; see wse-module-check --help");
    return check(files[0], files.size() > 1 ? files[1] : "", json);
}
