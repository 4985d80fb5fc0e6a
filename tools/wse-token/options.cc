// SPDX-License-Identifier: MIT
#include "options.h"

#include <charconv>

#include "base/json_scan.h"
#include "base/utf8.h"
#include "strict_json/text.h"

namespace wse::token {

const char kUsage[] =
    "usage: wse-token --sub USER [--secret-file FILE | --key FILE | --secret SECRET] [option ...]\n"
    "\n"
    "Prints a JSON Web Token that the module auth_jwt accepts.\n"
    "\n"
    "  --sub USER           who the token is for\n"
    "  --secret-file FILE   sign with the secret in FILE (a newline at its end does not count)\n"
    "  --key FILE           sign with the private key in FILE (PEM)\n"
    "  --secret SECRET      sign with SECRET; everybody on this machine can read it in ps\n"
    "                       without any of the three: the environment's JWT_SECRET_KEY\n"
    "  --alg NAME           HS256 HS384 HS512 RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384\n"
    "                       ES512 EdDSA; by default what fits the key\n"
    "  --ttl TIME           how long it is valid: 90s, 15m, 1h, 30d; default 1h\n"
    "  --iss ISSUER         claim iss\n"
    "  --aud AUDIENCE ...   claim aud\n"
    "  --allow PATTERN ...  topics it may use (claim wse_topics)\n"
    "  --deny PATTERN ...   topics it may not use\n"
    "  --claim NAME=JSON    any other claim: --claim age=42 --claim role='\"admin\"'\n"
    "  --kid ID             header member kid\n"
    "  --help, --version\n";

namespace {

constexpr int64_t kMaxTtl = int64_t{100} * 365 * 86400;

Error usage(std::string text) {
    return Error{WSE_EINVAL, std::move(text)};
}

Result<int64_t> parse_ttl(std::string_view text) {
    constexpr struct {
        std::string_view unit;
        int64_t seconds;
    } kUnits[] = {{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
    int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view unit = text.substr(static_cast<size_t>(end - text.data()));
    for (const auto &known : kUnits) {
        if (error != std::errc() || unit != known.unit) continue;
        if (number > 0 && number <= kMaxTtl / known.seconds) return number * known.seconds;
        return usage("--ttl " + std::string(text) + ": from 1s to 36500d");
    }
    return usage("--ttl " + std::string(text) + ": a number and s, m, h or d, such as 1h");
}

// Claims that have an option of their own, or that only the clock may set.
bool is_taken(std::string_view name, const Options &options) {
    for (const char *own : {"sub", "iss", "aud", "exp", "iat", "wse_topics"}) {
        if (name == own) return true;
    }
    for (const auto &claim : options.claims) {
        if (name == claim.first) return true;
    }
    return false;
}

Result<void> add_claim(std::string_view text, Options &options) {
    const size_t is = text.find('=');
    if (is == std::string_view::npos || is == 0) return usage("--claim: wants NAME=JSON");
    const std::string name(text.substr(0, is)), json(text.substr(is + 1));
    if (is_taken(name, options))
        return usage("--claim " + name + ": has an option of its own, or stands twice");
    // As strictly as the server and auth_jwt will read it, one level down in the claims.
    if (!check_json(json) || !strict_json::is_plain_json("{\"x\":" + json + "}"))
        return usage("--claim " + name + ": the value is not JSON; a text needs quotes: " + name +
                     "='\"...\"'");
    options.claims.emplace_back(name, json);
    return {};
}

// Null when there is no such option.
std::string *text_option(std::string_view name, Options &options) {
    if (name == "--sub") return &options.subject;
    if (name == "--iss") return &options.issuer;
    if (name == "--alg") return &options.algorithm;
    if (name == "--kid") return &options.key_id;
    if (name == "--secret") return &options.secret.emplace();
    if (name == "--secret-file") return &options.secret_file.emplace();
    if (name == "--key") return &options.key_file.emplace();
    return nullptr;
}

std::vector<std::string> *list_option(std::string_view name, Options &options) {
    if (name == "--aud") return &options.audiences;
    if (name == "--allow") return &options.allow;
    if (name == "--deny") return &options.deny;
    return nullptr;
}

bool takes_value(std::string_view name) {
    Options unused;
    return text_option(name, unused) || list_option(name, unused) || name == "--claim" ||
           name == "--ttl";
}

class Parser {
public:
    explicit Parser(const std::vector<std::string_view> &words) : words_(words) {}

    Result<Options> run() {
        while (at_ < words_.size()) {
            const Result<void> done = option();
            if (!done) return done.error();
        }
        return std::move(options_);
    }

private:
    bool more() const { return at_ < words_.size(); }

    // `--name value` or `--name=value`.
    Result<void> option() {
        std::string_view word = words_[at_++];
        if (word.substr(0, 2) != "--") return usage(std::string(word) + ": not an option");
        const size_t is = word.find('=');
        name_ = word.substr(0, is);
        if (name_ == "--help" || name_ == "--version") {
            (name_ == "--help" ? options_.help : options_.version) = true;
            return {};
        }
        if (is == std::string_view::npos) {
            if (!takes_value(name_)) return usage(std::string(name_) + ": no such option");
            if (!more()) return usage(std::string(name_) + ": wants a value");
            return assign(words_[at_++], true);
        }
        return assign(word.substr(is + 1), false);
    }

    Result<void> assign(std::string_view value, bool may_go_on) {
        if (!is_utf8(value)) return usage(std::string(name_) + ": not UTF-8");
        if (std::string *text = text_option(name_, options_)) {
            *text = value;
            return {};
        }
        if (std::vector<std::string> *list = list_option(name_, options_)) {
            list->emplace_back(value);
            if (may_go_on && more() && words_[at_].substr(0, 1) != "-")
                return assign(words_[at_++], true);
            return {};
        }
        if (name_ == "--claim") return add_claim(value, options_);
        if (name_ != "--ttl") return usage(std::string(name_) + ": no such option");
        const Result<int64_t> ttl = parse_ttl(value);
        if (!ttl) return ttl.error();
        options_.ttl_s = ttl.value();
        return {};
    }

    const std::vector<std::string_view> &words_;
    size_t at_ = 0;
    std::string_view name_;
    Options options_;
};

}  // namespace

Result<Options> parse_options(const std::vector<std::string_view> &words, const char *env_secret) {
    Result<Options> parsed = Parser(words).run();
    if (!parsed || parsed->help || parsed->version) return parsed;
    Options &options = parsed.value();
    if (options.subject.empty()) return usage("--sub: missing; who is the token for");
    if (!strict_json::is_user(options.subject))
        return usage("--sub: over 256 bytes or with a control character; no server takes that");
    const int keys =
        (options.secret ? 1 : 0) + (options.secret_file ? 1 : 0) + (options.key_file ? 1 : 0);
    if (keys > 1) return usage("--secret, --secret-file, --key: give one of them");
    if (keys == 0 && !env_secret)
        return usage("no key; give --secret-file or --key, or set JWT_SECRET_KEY");
    if (keys == 0) options.secret = env_secret;
    return parsed;
}

}  // namespace wse::token
