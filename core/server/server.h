// SPDX-License-Identifier: MIT
// The server process: hub, connection loops, service loop and modules, put together from one
// reading of the configuration. [main]
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "admin/control.h"
#include "admin/http.h"
#include "config/load.h"
#include "module/set.h"
#include "server/api.h"
#include "server/api_desk.h"
#include "server/api_key_ring.h"
#include "server/applications.h"
#include "server/asked_modules.h"
#include "server/certificate_table.h"
#include "server/cluster.h"
#include "server/commands.h"
#include "server/connection_loop.h"
#include "server/control_hub.h"
#include "server/hub_thread.h"
#include "server/module_services.h"
#include "server/observers.h"
#include "server/readiness.h"
#include "server/revocation_file.h"
#include "server/snapshot_broker.h"
#include "server/sockets.h"
#include "server/topic_policies.h"
#include "session/shared.h"

namespace wse::server {

class Server {
public:
    // Nothing runs yet. Takes the sockets over; `loaded` and `certificates` outlive it. `service`:
    // what the service loop is a guest on, or null; then this and the destructor are called on its
    // thread, and start() and stop() on another one while it turns.
    Server(const config::Loaded &loaded, std::string config_path, Sockets sockets,
           CertificateTable &certificates, uv_loop_t *service = nullptr);
    ~Server();
    Server(const Server &) = delete;
    Server &operator=(const Server &) = delete;

    // The problems of the configuration that only show now go to `diagnostics`, others are the
    // error. After a failure only destroying is left.
    Result<void> start(config::Diagnostics &diagnostics);

    // Says goodbye to everybody with `code`, waits at most for limits.close_timeout, stops all.
    // Does not return when a module does not stop: then the process ends, with a status of its own.
    void stop(uint16_t code);

private:
    Result<void> prepare(config::Diagnostics &diagnostics);
    Result<void> make_modules(config::Diagnostics &diagnostics);
    void prepare_snapshots();
    void prepare_cluster();
    void prepare_applications();
    void take_broadcast(std::string_view data);
    void start_observers();
    bool keeps_file() const;
    Result<void> open_history();
    Result<void> start_service();
    Result<void> start_http();
    Result<void> start_listeners();
    Result<net::Connector> fallback_of(const config::Listen &listener);
    session::GenerationRef generation_for(size_t loop);
    void finish_applications();
    void stop_service();

    const SystemClock clock_;
    const config::Loaded &loaded_;
    const std::string config_path_;
    const std::shared_ptr<const config::Settings> settings_;
    Sockets sockets_;
    CertificateTable &certificates_;
    const uint64_t started_ms_;

    TopicPolicies policies_;
    HubThread hub_;
    net::ConnectionLimits connection_limits_;
    session::Shared shared_;
    RevocationFile revocation_file_;
    Loop service_;
    Counters service_counters_;
    ControlHub control_hub_;
    HubPort service_port_;
    ModuleServices services_;
    std::vector<std::unique_ptr<ConnectionLoop>> loops_;
    std::unique_ptr<module::ModuleSet> modules_;
    std::unique_ptr<SnapshotBroker> snapshots_;  // null: no topic has a state in a module
    std::unique_ptr<AskedModules> asked_;
    Readiness readiness_;
    std::unique_ptr<Cluster> cluster_;            // null: this host is alone
    std::unique_ptr<Applications> applications_;  // null: there is none
    std::unique_ptr<Observers> observers_;
    ApiKeyRing api_keys_;
    std::unique_ptr<CommandContext> commands_;
    std::unique_ptr<Api> api_;
    std::unique_ptr<ApiDesk> desk_;
    std::unique_ptr<admin::HttpServer> http_;
    // http.address: its own counters and limits, for backends are no clients.
    Counters http_counters_;
    net::ConnectionLimits http_limits_;
    std::unique_ptr<net::Server> http_listener_;  // null: no such address
    std::unique_ptr<admin::ControlServer> control_;
    bool running_ = false;
};

}  // namespace wse::server
