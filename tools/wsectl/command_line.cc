// SPDX-License-Identifier: MIT
#include "wsectl/command_line.h"

#include <getopt.h>
#include <stdlib.h>

#include <algorithm>
#include <charconv>
#include <numeric>

#include "wsectl/client.h"

namespace wse::ctl {
namespace {

constexpr const char *kDefaultSocket = "/run/wse/control.sock";
constexpr int kFirstGlobal = 256;  // above every letter
constexpr int kFirstOwn = 512;

const Option kGlobals[] = {
    {"socket", "PATH", "control socket (default: $WSE_CONTROL, else /run/wse/control.sock)", 's'},
    {"timeout", "TIME", "wait this long for an answer: 5s (default), 250ms"},
    {"json", nullptr, "print the result as JSON", 'j'},
    {"help", nullptr, "show help about the command", 'h'},
    {"version", nullptr, "show the version", 'V'},
};

// What getopt_long needs to know about a list of options.
struct Spec {
    std::string letters;
    std::vector<option> longs;

    void add(const Option &added, int value) {
        const int argument = added.value ? required_argument : no_argument;
        longs.push_back({added.name, argument, nullptr, value});
        if (added.letter) letters.append({added.letter}).append(added.value ? ":" : "");
    }
    explicit Spec(const char *prefix, const Subcommand *subcommand) : letters(prefix) {
        int value = kFirstGlobal;
        for (const Option &global : kGlobals) add(global, value++);
        value = kFirstOwn;
        if (subcommand)
            for (const Option &own : subcommand->options) add(own, value++);
        longs.push_back({nullptr, 0, nullptr, 0});
    }
};

const Option *find_option(int value, const Subcommand *subcommand) {
    const auto matches = [&](const Option &option, int number) {
        return value == number || (option.letter && value == option.letter);
    };
    int number = kFirstGlobal;
    for (const Option &global : kGlobals)
        if (matches(global, number++)) return &global;
    number = kFirstOwn;
    if (subcommand)
        for (const Option &own : subcommand->options)
            if (matches(own, number++)) return &own;
    return nullptr;
}

Result<void> apply(const Option &option, const char *value, Invocation &invocation) {
    const std::string_view name = option.name;
    if (name == "socket") {
        invocation.globals.socket = value;
    } else if (name == "timeout") {
        const auto timeout = parse_timeout(value);
        if (!timeout) return Error{WSE_EINVAL, "--timeout: " + timeout.error().text};
        invocation.globals.timeout_ms = *timeout;
    } else if (name == "json") {
        invocation.globals.json = true;
    } else if (name == "help") {
        invocation.action = Invocation::Action::kHelp;
    } else if (name == "version") {
        invocation.action = Invocation::Action::kVersion;
    } else {
        invocation.words.options[option.name] = value ? value : "";
    }
    return {};
}

// Takes the options out of `words`: all of them, or with "+" as prefix those before the first word.
Result<void> take_options(std::vector<std::string> &words, const char *prefix,
                          Invocation &invocation) {
    const Spec spec(prefix, invocation.subcommand);
    std::string program = "wsectl";
    std::vector<char *> argv{program.data()};
    for (std::string &word : words) argv.push_back(word.data());
    const int argc = static_cast<int>(argv.size());
    argv.push_back(nullptr);

    opterr = 0;
    optind = 0;  // glibc: start anew
    int value;
    while ((value = getopt_long(argc, argv.data(), spec.letters.c_str(), spec.longs.data(),
                                nullptr)) != -1) {
        const char *given = argv[static_cast<size_t>(optind) - 1];
        if (value == ':')
            return Error{WSE_EINVAL, std::string(given) + " needs a value; see --help"};
        const Option *option = find_option(value, invocation.subcommand);
        if (value == '?' || !option)
            return Error{WSE_EINVAL, "unknown option " + std::string(given) + "; see --help"};
        if (auto applied = apply(*option, optarg, invocation); !applied) return applied;
    }
    words = std::vector<std::string>(argv.begin() + optind, argv.end() - 1);
    return {};
}

size_t edit_distance(std::string_view one, std::string_view other) {
    std::vector<size_t> row(other.size() + 1);
    std::iota(row.begin(), row.end(), size_t{0});
    for (size_t i = 0; i < one.size(); ++i) {
        size_t diagonal = std::exchange(row[0], i + 1);
        for (size_t j = 0; j < other.size(); ++j) {
            const size_t replaced = diagonal + (one[i] == other[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

bool is_in_group(const Subcommand &subcommand, const std::string &group) {
    return std::string_view(subcommand.name).substr(0, group.size() + 1) == group + ' ';
}

// "conn" alone, or "conn --help": what may follow it is what to show.
bool asks_about_group(const std::vector<std::string> &words, bool ask) {
    const bool asked = words.size() == 1 ? ask : words[1] == "--help" || words[1] == "-h";
    return asked && std::any_of(subcommands().begin(), subcommands().end(),
                                [&](const auto &known) { return is_in_group(known, words[0]); });
}

Error unknown(const std::vector<std::string> &words) {
    std::string given = words[0];
    std::vector<std::string> group;  // what may follow the first word
    for (const Subcommand &known : subcommands()) {
        if (is_in_group(known, words[0])) group.emplace_back(known.name);
    }
    if (!group.empty() && words.size() > 1) given += ' ' + words[1];
    std::string text = "unknown command \"" + given + "\"";
    if (!group.empty()) {
        const char *separator = "; there are: ";
        for (const auto &name : group) text += std::exchange(separator, ", ") + name;
        return Error{WSE_EINVAL, text};
    }
    std::string_view nearest;
    size_t least = 3;  // two edits are a slip, three another word
    for (const Subcommand &known : subcommands()) {
        const std::string_view name = known.name;
        const std::string_view first = name.substr(0, name.find(' '));
        if (const size_t distance = edit_distance(words[0], first); distance < least) {
            least = distance;
            nearest = first;
        }
    }
    if (!nearest.empty())
        return Error{WSE_EINVAL, text + "; did you mean " + std::string(nearest) + "?"};
    return Error{WSE_EINVAL, text + "; see wsectl --help"};
}

// Finds the subcommand that `words` start with and takes its name out.
Result<const Subcommand *> take_subcommand(std::vector<std::string> &words) {
    for (const Subcommand &known : subcommands()) {
        const std::string_view name = known.name;
        const size_t blank = name.find(' ');
        if (words[0] != name.substr(0, blank)) continue;
        const bool two = blank != std::string_view::npos;
        if (two && (words.size() < 2 || words[1] != name.substr(blank + 1))) continue;
        words.erase(words.begin(), words.begin() + (two ? 2 : 1));
        return &known;
    }
    return unknown(words);
}

std::string usage_of(const Subcommand &subcommand) {
    const std::string name = subcommand.name;
    return *subcommand.words ? name + ' ' + subcommand.words : name;
}

std::string option_lines(const Option *first, const Option *last) {
    std::string out;
    for (const Option *option = first; option != last; ++option) {
        std::string name = option->letter ? std::string("  -") + option->letter + ", " : "      ";
        name += std::string("--") + option->name;
        if (option->value) name += std::string(" ") + option->value;
        name.resize(std::max<size_t>(name.size() + 2, 26), ' ');
        out += name + option->help + '\n';
    }
    return out;
}

}  // namespace

Result<Invocation> parse_command_line(const std::vector<std::string> &arguments) {
    Invocation invocation;
    const char *named = getenv("WSE_CONTROL");
    invocation.globals.socket = named && *named ? named : kDefaultSocket;

    std::vector<std::string> words = arguments;
    if (auto taken = take_options(words, "+:", invocation); !taken) return taken.error();
    if (!words.empty() && words[0] == "help") {  // "help publish" is "publish --help"
        invocation.action = Invocation::Action::kHelp;
        words.erase(words.begin());
    }
    const bool ask = invocation.action != Invocation::Action::kRun;
    if (words.empty() && ask) return invocation;
    if (words.empty()) return Error{WSE_EINVAL, "a command is missing; see wsectl --help"};
    if (asks_about_group(words, ask)) {
        invocation.action = Invocation::Action::kHelp;
        invocation.group = words[0];
        return invocation;
    }

    auto subcommand = take_subcommand(words);
    if (!subcommand) return subcommand.error();
    invocation.subcommand = *subcommand;
    if (auto taken = take_options(words, ":", invocation); !taken) return taken.error();
    if (invocation.action != Invocation::Action::kRun) return invocation;

    const std::string usage = "the command is \"wsectl " + usage_of(**subcommand) + '"';
    if (words.size() < (*subcommand)->least) return Error{WSE_EINVAL, "too few words; " + usage};
    if (words.size() > (*subcommand)->most)
        return Error{WSE_EINVAL, '"' + words[(*subcommand)->most] + "\" is too much; " + usage};
    invocation.words.words = std::move(words);
    return invocation;
}

std::optional<std::string> Words::option(std::string_view name) const {
    const auto found = options.find(name);
    if (found == options.end()) return std::nullopt;
    return found->second;
}

Result<std::optional<int64_t>> Words::number(std::string_view name, int64_t low,
                                             int64_t high) const {
    const auto text = option(name);
    if (!text) return std::optional<int64_t>();
    int64_t value = 0;
    const char *last = text->data() + text->size();
    const auto [end, status] = std::from_chars(text->data(), last, value);
    if (status != std::errc() || end != last || value < low || value > high)
        return Error{WSE_EINVAL, "--" + std::string(name) + ": \"" + *text +
                                     "\" is not a number from " + std::to_string(low) + " to " +
                                     std::to_string(high)};
    return std::optional<int64_t>(value);
}

std::string help(const std::string &group) {
    std::string out = "usage: wsectl [OPTION...] COMMAND [WORD...]\n\ncommands:\n";
    for (const Subcommand &known : subcommands()) {
        if (!group.empty() && !is_in_group(known, group)) continue;
        std::string line = "  " + usage_of(known);
        line.resize(std::max<size_t>(line.size() + 2, 32), ' ');
        out += line + known.help + '\n';
    }
    out += "\noptions:\n" + option_lines(std::begin(kGlobals), std::end(kGlobals));
    return out +
           "\n\"wsectl COMMAND --help\" tells more about one of them; wsectl(1) tells it all.\n";
}

std::string help(const Subcommand &subcommand) {
    std::string out = std::string("usage: wsectl ") + subcommand.name + " [OPTION...]";
    if (*subcommand.words) out += std::string(" ") + subcommand.words;
    out += std::string("\n\n") + subcommand.help + "\n\noptions:\n";
    const auto &own = subcommand.options;
    out += option_lines(own.data(), own.data() + own.size());
    return out + option_lines(std::begin(kGlobals), std::end(kGlobals));
}

}  // namespace wse::ctl
