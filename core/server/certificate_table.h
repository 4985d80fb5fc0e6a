// SPDX-License-Identifier: MIT
// CertificateTable: the TLS of all listeners, read when the server starts and whenever it is asked
// to. Changes all of them or none: files that are replaced one after the other are never half used.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "config/load.h"
#include "net/certificates.h"

namespace wse::server {

class CertificateTable {
public:
    // [main] Reads nothing yet. The clock outlives it.
    CertificateTable(const config::Settings &settings, const Clock &clock);

    // [main] Reads the files. What is wrong with one is said at its place in the configuration.
    void read(const config::Loaded &loaded, config::Diagnostics &diagnostics);

    // [any] Reads them again. When one cannot be used, nothing has changed and the error says why;
    // else all connections from now on get what was read. Files are read with the rights that the
    // process has by now. The text: how many certificates, and what is to be warned of.
    struct Reloaded {
        size_t certificates = 0;
        std::vector<std::string> warnings;
    };
    Result<Reloaded> reload();

    struct Listener {
        std::string name;
        std::vector<net::CertificateRow> certificates;
    };
    // [any] Those with TLS.
    std::vector<Listener> rows() const;

    // Of a listener; null: it has no TLS.
    net::Certificates *of(size_t listener) const { return listeners_[listener].get(); }

private:
    net::TicketKeys tickets_;
    std::vector<std::unique_ptr<net::Certificates>> listeners_;  // by listener
};

}  // namespace wse::server
