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

constexpr const char *kUsage =
    R"(usage: wse-module-check [--json] [--offer OFFER.json] FILE.so [OPTIONS.toml]

Loads the module, takes it through its life with a host that is made for tests, and
says what is wrong with it. OPTIONS.toml has the section [module.NAME] with the options
to use; without it the defaults are used. The module's code runs, and may do anything.

      --offer    what a client says of itself to a transform, a JSON object
                 with the members query and hello
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

struct CommandLine {
    std::vector<std::string> files;
    std::string offer;
    bool json = false;
};

// The error: the command line is wrong.
wse::Result<CommandLine> parse(int argc, char **argv) {
    CommandLine line;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word == "--json")
            line.json = true;
        else if (word == "--offer" && i + 1 < argc)
            line.offer = argv[++i];
        else if (word.starts_with("-"))
            return wse::Error{WSE_EINVAL, word == "--offer"
                                              ? "--offer wants a file"
                                              : "unknown option " + std::string(word)};
        else
            line.files.emplace_back(word);
    }
    if (line.files.empty() || line.files.size() > 2)
        return wse::Error{WSE_EINVAL, "one module and at most one file of options"};
    return line;
}

int check(const CommandLine &line) {
    const std::string &file = line.files[0];
    const std::string options = line.files.size() > 1 ? line.files[1] : "";
    using namespace wse::check;
    Report report;
    report.file = file;
    auto subject = load_subject(file);
    if (!subject) {
        report.add({"loading", subject.error().text});
        return show(report, line.json);
    }
    report.module = subject->def().name;
    report.version = subject->def().version;
    report.kind = wse::module::kind_name(subject->def().kind);
    if (auto read = read_options(*subject, options); !read) return fail(read.error().text);
    if (!line.offer.empty()) {
        if (auto read = read_offer(*subject, line.offer); !read) return fail(read.error().text);
    }
    check_file(*subject, report);
    const auto checked = check_behaviour(*subject, kTrialSeconds, report);
    const int status = show(report, line.json);
    return checked ? status : fail(checked.error().text);
}

}  // namespace

int main(int argc, char **argv) {
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word == "--help") return std::fputs(kUsage, stdout) < 0;
        if (word == "--version") return std::printf("wse-module-check %s\n", wse::kVersion) < 0;
    }
    const auto line = parse(argc, argv);
    if (!line) return fail(line.error().text + "; see wse-module-check --help");
    return check(*line);
}
