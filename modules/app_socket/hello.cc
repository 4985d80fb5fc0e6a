// SPDX-License-Identifier: MIT
#include "hello.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include <wse/module.h>

#include "app/question_json.h"

namespace wse::app_socket {
namespace {

constexpr uint64_t kVersion = 1;
constexpr size_t kMaxName = 64;
constexpr size_t kMaxAnswers = 16;

using Digest = std::array<unsigned char, EVP_MAX_MD_SIZE>;

bool digest_of(std::string_view text, Digest &ret) {
    return EVP_Digest(text.data(), text.size(), ret.data(), nullptr, EVP_sha256(), nullptr) == 1;
}

// Digests are of one length, so that nothing is learned of that of the secret, either.
bool is_same(std::string_view given, std::string_view wanted) {
    Digest a{}, b{};
    return digest_of(given, a) && digest_of(wanted, b) &&
           CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

// It stands in log lines.
bool is_name(std::string_view text) {
    return text.size() <= kMaxName && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '_' || c == ':' || c == '-';
           });
}

Problem wrong(std::string text) {
    return {"bad_hello", std::move(text)};
}

Problem read_form(const app::Members &message, Hello &ret) {
    std::string format = "json";
    if (!message.text_or_nothing("format", format) || (format != "json" && format != "msgpack"))
        return wrong("format: neither json nor msgpack");
    if (format == "msgpack") ret.form = msgpack_json::Form::kMsgpack;
    return {};
}

Problem read_answers(const app::Members &message, Hello &ret) {
    std::vector<std::string> names;
    if (!message.texts_or_nothing("answers", kMaxAnswers, names))
        return wrong("answers: not a list of questions");
    for (const std::string &name : names) {
        uint32_t question = 0;
        for (uint32_t each = WSE_ASK_CONNECT; each <= WSE_ASK_SNAPSHOT; ++each)
            if (name == app::question_name(each)) question = each;
        if (question == 0)
            return wrong("answers: one is none of connect, subscribe, publish, snapshot");
        ret.answers |= 1U << question;
    }
    return {};
}

Problem read_resume(const app::Members &message, Hello &ret) {
    const std::string_view written = message.raw_or_nothing("resume");
    app::Members resume;
    if (written.empty()) return {};
    if (!resume.read(written) || !resume.text("epoch", ret.epoch) || ret.epoch.empty() ||
        !resume.number_or_nothing("seq", ret.seq))
        return wrong("resume: needs epoch, a text, and seq, a number");
    return {};
}

}  // namespace

Problem read_hello(const app::Members &message, std::string_view secret, Hello &ret) {
    std::string op, given;
    if (!message.text("op", op) || op != "hello")
        return wrong("the first message is a hello, as JSON");
    // Whoever does not know the secret is told nothing else.
    if (!message.text_or_nothing("secret", given) || (!secret.empty() && !is_same(given, secret)))
        return {"denied", "secret: missing, or not the one of the configuration"};
    uint64_t version = 0;
    if (!message.number_or_nothing("version", version) || version != kVersion)
        return {"bad_version", "version: this server speaks 1"};
    if (!message.text_or_nothing("name", ret.name) || !is_name(ret.name))
        return wrong("name: more than 64 characters, or others than letters, digits, . _ : and -");
    if (!message.flag_or_nothing("takeover", ret.takes_over))
        return wrong("takeover: neither true nor false");
    Problem problem = read_form(message, ret);
    if (!problem.code) problem = read_answers(message, ret);
    if (!problem.code) problem = read_resume(message, ret);
    return problem;
}

}  // namespace wse::app_socket
