// SPDX-License-Identifier: MIT
#include "server/certificate_table.h"

#include <algorithm>
#include <utility>

namespace wse::server {
namespace {

net::TlsOptions options_of(const config::Listen &listener) {
    const config::ListenTls &tls = *listener.tls;
    return {.listener = listener.name,
            .certificates = tls.certificates,
            .keys = tls.keys,
            .client_ca = tls.client_ca,
            // The same words in the same order.
            .client_certificate = static_cast<net::ClientCertificate>(tls.client_certificate)};
}

// Only one that the checks of the configuration found whole can be read.
bool is_whole(const config::Listen &listener) {
    if (!listener.tls) return false;
    const config::ListenTls &tls = *listener.tls;
    const bool asks = tls.client_certificate != config::ClientCertificate::kNone;
    return !tls.certificates.empty() && tls.certificates.size() == tls.keys.size() &&
           !(asks && tls.client_ca.empty());
}

std::string sentence(const std::string &listener, const net::TlsProblem &problem) {
    return "listen." + listener + ".tls." + problem.option + ": " + problem.text;
}

}  // namespace

CertificateTable::CertificateTable(const config::Settings &settings, const Clock &clock)
    : tickets_(clock) {
    for (const config::Listen &listener : settings.listeners) {
        listeners_.push_back(is_whole(listener) ? std::make_unique<net::Certificates>(
                                                      options_of(listener), tickets_, clock)
                                                : nullptr);
    }
}

void CertificateTable::read(const config::Loaded &loaded, config::Diagnostics &diagnostics) {
    for (size_t i = 0; i < listeners_.size(); ++i) {
        if (!listeners_[i]) continue;
        std::vector<net::TlsProblem> problems;
        auto fresh = listeners_[i]->read(problems);
        for (net::TlsProblem &problem : problems) {
            const config::Location at = loaded.tls_location(i, problem.option, problem.index);
            std::string text = sentence(listeners_[i]->listener(), problem);
            problem.is_error ? diagnostics.error(at, std::move(text), std::move(problem.hint))
                             : diagnostics.warning(at, std::move(text), std::move(problem.hint));
        }
        listeners_[i]->replace(std::move(fresh));
    }
}

Result<CertificateTable::Reloaded> CertificateTable::reload() {
    Reloaded reloaded;
    std::string errors;
    std::vector<Ref<const net::TlsContext>> fresh;
    for (const auto &listener : listeners_) {
        fresh.emplace_back();
        if (!listener) continue;
        std::vector<net::TlsProblem> problems;
        fresh.back() = listener->read(problems);
        for (const net::TlsProblem &problem : problems) {
            const std::string text = sentence(listener->listener(), problem);
            if (problem.is_error) {
                errors += (errors.empty() ? "" : "; ") + text;
            } else {
                reloaded.warnings.push_back(text);
            }
        }
        if (fresh.back()) reloaded.certificates += fresh.back()->certificates().size();
    }
    if (!errors.empty()) return Error{WSE_EINVAL, std::move(errors)};
    for (size_t i = 0; i < listeners_.size(); ++i) {
        if (listeners_[i]) listeners_[i]->replace(std::move(fresh[i]));
    }
    return reloaded;
}

std::vector<CertificateTable::Listener> CertificateTable::rows() const {
    std::vector<Listener> rows;
    for (const auto &listener : listeners_) {
        if (listener) rows.push_back({listener->listener(), listener->current()->certificates()});
    }
    return rows;
}

}  // namespace wse::server
