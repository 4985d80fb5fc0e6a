// SPDX-License-Identifier: MIT
#include "token.h"

#include <openssl/crypto.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "base/json_writer.h"
#include "jws/key.h"
#include "jws/signer.h"

namespace wse::token {
namespace {

constexpr size_t kMaxSecret = 4096;

struct Signature {
    const jws::Algorithm *algorithm = nullptr;
    std::string secret;
    jws::Key key;

    ~Signature() { OPENSSL_cleanse(secret.data(), secret.size()); }
};

struct CloseFile {
    void operator()(std::FILE *file) const { std::fclose(file); }
};

Error problem(const std::string &text) {
    return Error{WSE_EINVAL, text};
}

Result<void> read_secret(const std::string &path, std::string &ret) {
    const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rbe"));
    if (!file) return problem("--secret-file: " + path + ": " + std::strerror(errno));
    ret.resize(kMaxSecret + 1);
    ret.resize(std::fread(ret.data(), 1, ret.size(), file.get()));
    if (std::ferror(file.get())) return problem("--secret-file: " + path + ": cannot be read");
    if (ret.size() > kMaxSecret) return problem("--secret-file: " + path + ": over 4 KiB");
    if (!ret.empty() && ret.back() == '\n') ret.pop_back();
    if (!ret.empty() && ret.back() == '\r') ret.pop_back();
    return {};
}

// The algorithm that is asked for, or that fits the key when none is.
Result<void> choose_algorithm(const Options &options, Signature &signature) {
    if (!options.algorithm.empty()) {
        signature.algorithm = jws::find_algorithm(options.algorithm);
        if (!signature.algorithm)
            return problem("--alg " + options.algorithm + ": one of " + jws::kAlgorithmChoices);
    } else {
        signature.algorithm = signature.key ? jws::default_algorithm(signature.key.get())
                                            : jws::find_algorithm("HS256");
        if (!signature.algorithm) return problem("--key: neither RSA, nor EC, nor Ed25519");
    }
    return {};
}

Result<void> load(const Options &options, Signature &signature) {
    if (options.key_file) {
        jws::ReadKey read = jws::read_private_key(*options.key_file);
        if (!read.problem.empty()) return problem("--key: " + read.problem);
        signature.key = std::move(read.key);
    } else if (options.secret_file) {
        const Result<void> done = read_secret(*options.secret_file, signature.secret);
        if (!done) return done.error();
    } else {
        signature.secret = options.secret.value_or("");
    }
    const Result<void> chosen = choose_algorithm(options, signature);
    if (!chosen) return chosen.error();
    const jws::Algorithm &algorithm = *signature.algorithm;
    if (signature.key) {
        const std::string text = jws::key_problem(algorithm, signature.key.get());
        if (!text.empty()) return problem("--key: " + text);
    } else if (algorithm.key != jws::KeyKind::kSecret) {
        return problem(std::string("--alg ") + algorithm.name + ": needs --key");
    } else {
        const std::string text = jws::secret_problem(algorithm, signature.secret);
        if (!text.empty()) return problem("the secret is " + text);
    }
    return {};
}

std::string header_of(const Options &options, const jws::Algorithm &algorithm) {
    JsonWriter json;
    json.begin_object().member("alg", algorithm.name).member("typ", "JWT");
    if (!options.key_id.empty()) json.member("kid", options.key_id);
    return json.end_object().take();
}

void write_list(JsonWriter &json, const char *name, const std::vector<std::string> &items) {
    if (items.empty()) return;
    json.key(name).begin_array();
    for (const std::string &item : items) json.string(item);
    json.end_array();
}

std::string payload_of(const Options &options, uint64_t now_s) {
    JsonWriter json;
    json.begin_object().member("sub", options.subject);
    if (!options.issuer.empty()) json.member("iss", options.issuer);
    if (options.audiences.size() == 1)
        json.member("aud", options.audiences.front());
    else
        write_list(json, "aud", options.audiences);
    json.member("iat", now_s).member("exp", now_s + static_cast<uint64_t>(options.ttl_s));
    if (!options.allow.empty() || !options.deny.empty()) {
        json.key("wse_topics").begin_object();
        write_list(json, "allow", options.allow);
        write_list(json, "deny", options.deny);
        json.end_object();
    }
    for (const auto &[name, value] : options.claims) json.key(name).raw(value);
    return json.end_object().take();
}

}  // namespace

Result<std::string> mint(const Options &options, uint64_t now_s) {
    Signature signature;
    const Result<void> loaded = load(options, signature);
    if (!loaded) return loaded.error();
    const std::optional<std::string> token =
        jws::sign_compact(*signature.algorithm, {signature.secret, signature.key.get()},
                          header_of(options, *signature.algorithm), payload_of(options, now_s));
    if (!token)
        return problem(std::string("OpenSSL cannot sign with ") + signature.algorithm->name);
    return *token;
}

}  // namespace wse::token
