// SPDX-License-Identifier: MIT
// wse-token: mints tokens for auth_jwt. See wse-token(1).
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "options.h"
#include "token.h"

namespace {

constexpr int kDone = 0;
constexpr int kUsageError = 2;

int fail(const std::string &text) {
    std::fprintf(stderr, "wse-token: %s\n", text.c_str());
    return kUsageError;
}

}  // namespace

int main(int argc, char **argv) {
    namespace token = wse::token;
    const wse::Result<token::Options> options =
        token::parse_options({argv + 1, argv + argc}, std::getenv("JWT_SECRET_KEY"));
    if (!options) return fail(options.error().text + "; see wse-token --help");
    if (options.value().help) {
        std::fputs(token::kUsage, stdout);
    } else if (options.value().version) {
        std::puts("wse-token " WSE_VERSION);
    } else {
        const wse::Result<std::string> minted =
            token::mint(options.value(), static_cast<uint64_t>(std::time(nullptr)));
        if (!minted) return fail(minted.error().text);
        std::puts(minted.value().c_str());
    }
    // A full disk behind a redirection must not look like a token.
    return std::fflush(stdout) == 0 ? kDone : fail("standard output cannot be written");
}
