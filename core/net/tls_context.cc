// SPDX-License-Identifier: MIT
#include "net/tls_context.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/assert.h"
#include "base/clock.h"
#include "net/tls_setup.h"

namespace wse::net {
namespace {

constexpr uint64_t kDayMs = uint64_t{24} * 3600 * 1000;
constexpr uint64_t kSoonMs = 14 * kDayMs;

std::string quoted(const std::string &path) {
    return '\'' + path + '\'';
}

bool is_open_to_all(const std::string &path) {
    struct stat status {};
    return stat(path.c_str(), &status) == 0 && (status.st_mode & S_IROTH) != 0;
}

std::string date(uint64_t wall_ms) {
    return format_timestamp(wall_ms).substr(0, 10);
}

}  // namespace

// Reads the files one after the other and goes on behind a problem, so that all are found.
class TlsContext::Builder {
public:
    Builder(const TlsOptions &options, uint64_t now_ms, TlsContext &target,
            std::vector<TlsProblem> &problems)
        : options_(options), now_ms_(now_ms), target_(target), problems_(problems) {}

    // False: there was an error.
    bool run() {
        WSE_ASSERT(
            !options_.certificates.empty() && options_.certificates.size() == options_.keys.size(),
            "certificates and keys are not as many");
        read_client_ca();
        for (size_t i = 0; i < options_.certificates.size(); ++i) read_pair(i);
        target_.asks_ = asks();
        return sound_;
    }

private:
    bool asks() const { return options_.client_certificate != ClientCertificate::kNone; }

    void complain(const char *option, size_t index, std::string text, std::string hint = {}) {
        problems_.push_back({option, index, true, std::move(text), std::move(hint)});
        sound_ = false;
    }

    void warn(const char *option, size_t index, std::string text, std::string hint) {
        problems_.push_back({option, index, false, std::move(text), std::move(hint)});
    }

    void read_client_ca() {
        if (!asks()) return;
        auto read = read_certificates(options_.client_ca, kMaxAuthorities);
        if (!read) {
            return complain("client_ca", 0, quoted(options_.client_ca) + ' ' + read.error().text);
        }
        client_ca_ = std::move(*read);
    }

    void read_pair(size_t i) {
        const std::string &file = options_.certificates[i];
        const std::string &key_file = options_.keys[i];
        auto chain = read_certificates(file, kMaxChain);
        auto key = read_private_key(key_file);
        if (!chain) complain("certificate", i, quoted(file) + ' ' + chain.error().text);
        if (!key) complain("key", i, quoted(key_file) + ' ' + key.error().text);
        if (key && is_open_to_all(key_file)) {
            warn("key", i, quoted(key_file) + " can be read by everybody on this machine",
                 "chmod o= " + key_file);
        }
        if (chain) check_dates(i, *chain->front());
        if (!chain || !key) return;
        if (X509_check_private_key(chain->front().get(), key->get()) != 1) {
            tls_reason();
            return complain("key", i, quoted(key_file) + " is not the key of " + quoted(file),
                            "name the key for which the certificate was issued");
        }
        take(i, std::move(*chain), **key);
    }

    void check_dates(size_t i, x509_st &leaf) {
        const std::string file = quoted(options_.certificates[i]);
        const uint64_t begins = not_before_ms(leaf);
        const uint64_t ends = not_after_ms(leaf);
        if (ends <= now_ms_) {
            complain("certificate", i, file + " expired on " + date(ends),
                     "put a renewed certificate there");
        } else if (begins > now_ms_) {
            complain("certificate", i, file + " is not valid before " + format_timestamp(begins),
                     "look at this machine's clock, which says " + format_timestamp(now_ms_));
        } else if (ends - now_ms_ < kSoonMs) {
            warn("certificate", i, file + " expires on " + date(ends),
                 "renew it, then `wsectl certificates reload`");
        }
    }

    void take(size_t i, std::vector<TlsPtr<x509_st>> chain, evp_pkey_st &key) {
        auto context = make_tls_context(target_, options_.listener);
        bool usable = SSL_CTX_use_certificate(context.get(), chain.front().get()) == 1 &&
                      SSL_CTX_use_PrivateKey(context.get(), &key) == 1;
        for (size_t at = 1; usable && at < chain.size(); ++at) {
            usable = SSL_CTX_add1_chain_cert(context.get(), chain[at].get()) == 1;
        }
        if (!usable) {
            return complain("certificate", i,
                            quoted(options_.certificates[i]) + " cannot be used: " + tls_reason());
        }
        if (asks()) {
            ask_for_certificate(*context, client_ca_,
                                options_.client_certificate == ClientCertificate::kRequired);
        }
        x509_st &leaf = *chain.front();
        target_.rows_.push_back(
            {options_.certificates[i], names_of(leaf), serial_of(leaf), not_after_ms(leaf)});
        target_.contexts_.push_back(std::move(context));
        target_.leaves_.push_back(std::move(chain.front()));
    }

    const TlsOptions &options_;
    const uint64_t now_ms_;
    TlsContext &target_;
    std::vector<TlsProblem> &problems_;
    std::vector<TlsPtr<x509_st>> client_ca_;
    bool sound_ = true;
};

Ref<const TlsContext> TlsContext::make(const TlsOptions &options, TicketKeys &tickets,
                                       uint64_t now_ms, std::vector<TlsProblem> &ret_problems) {
    const Ref<TlsContext> made(new TlsContext(tickets));
    if (!Builder(options, now_ms, *made, ret_problems).run()) return {};
    return made;
}

ssl_ctx_st *TlsContext::context_for(const std::string &name) const {
    const auto matches = [&](const TlsPtr<x509_st> &leaf) {
        return X509_check_host(leaf.get(), name.data(), name.size(), 0, nullptr) == 1;
    };
    const auto found = std::find_if(leaves_.begin(), leaves_.end(), matches);
    if (found == leaves_.end()) return first();
    return contexts_[static_cast<size_t>(found - leaves_.begin())].get();
}

}  // namespace wse::net
