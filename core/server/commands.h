// SPDX-License-Identifier: MIT
// The commands of the control socket. Their arguments and results: docs/control-protocol.md.
#pragma once

#include "admin/command.h"
#include "base/clock.h"
#include "config/settings.h"
#include "module/set.h"
#include "server/api_key_ring.h"
#include "server/applications.h"
#include "server/certificate_table.h"
#include "server/cluster.h"
#include "server/connection_loop.h"
#include "server/control_hub.h"
#include "server/readiness.h"
#include "server/revocation_file.h"
#include "session/shared.h"

namespace wse::server {

// kFile also when the file cannot be used: the configuration wants one.
enum class HistoryUse : uint8_t { kMemory, kFile };

// The counters of one thread, under its name.
struct LoopCounters {
    std::string name;
    const Counters *counters;
};

// What commands look at and steer. Everything outlives the control server. [service loop]
struct CommandContext {
    const Clock &clock;
    const config::Settings &settings;
    const std::string config_path;
    const std::vector<std::string> addresses;  // of the listeners, as bound
    const uint64_t started_ms;                 // wall clock
    const HistoryUse history;
    Loop &home;
    std::vector<std::unique_ptr<ConnectionLoop>> &loops;
    HubThread &hub;
    module::ModuleSet &modules;
    ControlHub &control_hub;
    Cluster *const cluster;                  // null: this host is alone
    const Applications *const applications;  // null: there is none
    const Readiness &readiness;
    session::Shared &shared;
    RevocationFile &revocation_file;
    CertificateTable &certificates;
    ApiKeyRing &api_keys;
    const std::string http_address;  // of the API, as bound; empty: none
    Counters &api_counters;          // the service loop's
    const std::vector<LoopCounters> counters;
};

admin::CommandTable make_commands(CommandContext &context);

}  // namespace wse::server
