// SPDX-License-Identifier: MIT
#include "keyring.h"

namespace wse::auth_jwt {
namespace {

std::string unwanted(const char *option, const jws::Algorithm &algorithm, const char *remedy) {
    return std::string(option) + ": not used with " + algorithm.name + "; " + remedy;
}

std::string read_fitting_key(const char *option, const char *path, const jws::Algorithm &algorithm,
                             jws::Key &ret) {
    jws::ReadKey read = jws::read_public_key(path);
    if (read.problem.empty()) {
        read.problem = jws::key_problem(algorithm, read.key.get());
        if (!read.problem.empty()) read.problem = path + (": " + read.problem);
    }
    if (!read.problem.empty()) return std::string(option) + ": " + read.problem;
    ret = std::move(read.key);
    return "";
}

}  // namespace

std::string Keyring::load(const Config &config) {
    algorithm_ = &algorithm_of(config);
    return algorithm_->key == jws::KeyKind::kSecret ? load_secrets(config)
                                                    : load_public_keys(config);
}

std::string Keyring::load_secrets(const Config &config) {
    if (config.public_key)
        return unwanted("public_key", *algorithm_, "remove it or set another algorithm");
    if (config.previous_public_key)
        return unwanted("previous_public_key", *algorithm_, "remove it or set another algorithm");
    if (!config.secret)
        return std::string("secret: missing; ") + algorithm_->name +
               " needs one (or set JWT_SECRET_KEY in the environment)";
    std::string problem = jws::secret_problem(*algorithm_, config.secret);
    if (!problem.empty()) return "secret: " + problem;
    secret_ = config.secret;
    if (!config.previous_secret) return "";
    problem = jws::secret_problem(*algorithm_, config.previous_secret);
    if (!problem.empty()) return "previous_secret: " + problem;
    previous_secret_ = config.previous_secret;
    return "";
}

std::string Keyring::load_public_keys(const Config &config) {
    if (config.secret)
        return unwanted("secret", *algorithm_,
                        "remove it, and JWT_SECRET_KEY from the environment");
    if (config.previous_secret) return unwanted("previous_secret", *algorithm_, "remove it");
    if (!config.public_key)
        return std::string("public_key: missing; ") + algorithm_->name + " needs one";
    std::string problem = read_fitting_key("public_key", config.public_key, *algorithm_, key_);
    if (problem.empty() && config.previous_public_key)
        problem = read_fitting_key("previous_public_key", config.previous_public_key, *algorithm_,
                                   previous_key_);
    return problem;
}

std::unique_ptr<jws::Verifier> Keyring::verifier(std::string_view secret, EVP_PKEY *key) const {
    return key ? jws::Verifier::for_key(*algorithm_, key)
               : jws::Verifier::for_secret(*algorithm_, secret);
}

bool Keyring::make_verifiers(Verifiers &ret) const {
    ret.current = verifier(secret_, key_.get());
    const bool has_previous = previous_key_ || !previous_secret_.empty();
    if (has_previous) ret.previous = verifier(previous_secret_, previous_key_.get());
    return ret.current && (ret.previous || !has_previous);
}

}  // namespace wse::auth_jwt
