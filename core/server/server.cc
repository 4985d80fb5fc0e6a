// SPDX-License-Identifier: MIT
#include "server/server.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "base/log.h"
#include "base/random.h"
#include "hub/history_file.h"
#include "module/module_application.h"
#include "module/stand_in.h"
#include "net/address.h"
#include "proto/codes.h"
#include "server/app_modules.h"
#include "server/backplane_module.h"
#include "server/checks.h"
#include "server/direct.h"
#include "server/event_modules.h"
#include "server/extensions.h"
#include "server/latch.h"
#include "server/process.h"
#include "server/transform_modules.h"
#include "server/unused_modules.h"

namespace wse::server {
namespace {

// A loop that does nothing for so long stands in a module, and will not end.
constexpr uint64_t kStoppedLoopMs = 10'000;
constexpr size_t kControlRoom = size_t{4} << 20;

net::Limits net_limits(const config::Limits &limits) {
    net::Limits out;
    out.max_head_bytes = limits.max_header_size;
    out.max_headers = limits.max_headers;
    out.max_pending_handshakes = limits.max_pending_handshakes;
    out.max_message_bytes = limits.max_message_size;
    // Sessions stop before; this is for what they must send all the same.
    out.max_outbound_bytes = limits.max_outbound + kControlRoom;
    out.handshake_timeout_ms = limits.handshake_timeout_ms;
    out.relay_timeout_ms = limits.relay_timeout_ms;
    out.relay_keepalive_ms = limits.relay_keepalive_ms;
    out.close_timeout_ms = limits.close_timeout_ms;
    return out;
}

// Whatever is configured, the other half is for WebSockets.
uint64_t most_relays(const config::Limits &limits) {
    return std::clamp<uint64_t>(limits.max_connections / 2, 1, limits.max_relays);
}

hub::Limits hub_limits(const config::Settings &settings) {
    return {.loops = settings.server.loops + 1,  // the service loop has subscribers, too
            .topics = settings.limits.max_topics,
            .subscribe_wait_ms = settings.cluster.subscribe_wait_ms,
            .history_bytes = settings.history.max_memory,
            .dedup_ids = settings.limits.dedup_ids,
            .dedup_age_ms = settings.limits.dedup_age_ms,
            .presence = {.grace_ms = settings.presence.grace_ms,
                         .max_members = settings.presence.max_members}};
}

// Another one each time the machine starts: tells whether what was written, and not yet on the
// disk, can have been lost.
std::string boot_id() {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string id;
    std::getline(file, id);
    return id;
}

// Its handles and threads may be at work on the loops at any time, and could keep them from ending
// for ever. Clients and sockets have been seen to, so the process ends as it stands.
[[noreturn]] void leave_modules_behind() {
    log::error("server", "server.module_not_stopped");
    log::stop();
    _exit(exit_code::kInternal);
}

// The answer may be waited for longer than the request.
constexpr uint64_t kAnswerMs = 15'000;

// For a head with what a relay adds to it; libwebsockets knows no more than 64 KiB.
uint16_t head_room(const config::Limits &limits) {
    constexpr uint64_t kAdded = 4 * 1024;
    return static_cast<uint16_t>(std::min<uint64_t>(limits.max_header_size + kAdded, UINT16_MAX));
}

net::Limits api_net_limits(const config::Settings &settings) {
    net::Limits out = net_limits(settings.limits);
    out.handshake_timeout_ms = settings.http.request_timeout_ms;
    out.relay_timeout_ms = settings.http.request_timeout_ms + 2 * kAnswerMs;
    return out;
}

}  // namespace

Server::Server(const config::Loaded &loaded, std::string config_path, Sockets sockets,
               CertificateTable &certificates, uv_loop_t *service)
    : loaded_(loaded),
      config_path_(std::move(config_path)),
      settings_(std::make_shared<config::Settings>(loaded.settings())),
      sockets_(std::move(sockets)),
      certificates_(certificates),
      started_ms_(clock_.wall_ms()),
      policies_(settings_->topics),
      hub_(
          clock_, hub_limits(*settings_),
          [this](std::string_view topic) -> const hub::TopicPolicy & {
              return policies_.of(topic);
          },
          random_u64()),
      connection_limits_(settings_->limits.max_connections,
                         settings_->limits.max_connections_per_ip, most_relays(settings_->limits)),
      shared_(settings_->limits),
      revocation_file_(settings_->server.state_dir),
      service_("service", clock_, service),
      control_hub_(settings_->server.loops, clock_, settings_->limits, hub_, service_counters_),
      service_port_(service_,
                    [this](Delivery &delivery) {
                        if (!services_.take(delivery)) control_hub_.take(delivery);
                    }),
      services_(settings_->server.loops, service_, settings_->limits, hub_,
                [this] { return control_hub_.entry(); }),
      readiness_(settings_->cluster, clock_, service_.timers(),
                 [this] {
                     close_clustered(loops_,
                                     [this](std::string_view topic) -> const hub::TopicPolicy & {
                                         return policies_.of(topic);
                                     });
                 }),
      api_keys_(settings_->http, clock_),
      http_limits_(settings_->http.max_connections, 0, settings_->http.max_connections) {
    std::vector<HubPort *> ports;
    for (uint32_t i = 0; i < settings_->server.loops; ++i) {
        loops_.push_back(std::make_unique<ConnectionLoop>(i, clock_, net_limits(settings_->limits),
                                                          connection_limits_, hub_));
        loops_.back()->context().shared = &shared_;
        ports.push_back(&loops_.back()->port());
    }
    ports.push_back(&service_port_);
    hub_.attach(std::move(ports));
}

Server::~Server() {
    WSE_ASSERT(!running_, "a server is destroyed while it runs");
    // What has started and never ran still calls the parts below.
    observers_.reset();
    applications_.reset();
    modules_.reset();
    for (const auto &fds : sockets_.fds) std::for_each(fds.begin(), fds.end(), close);
    if (sockets_.http >= 0) close(sockets_.http);
}

// [service loop, if that runs]
Result<void> Server::prepare(config::Diagnostics &diagnostics) {
    if (auto modules = make_modules(diagnostics); !modules) return modules;
    start_observers();
    if (auto history = open_history(); !history) return history;
    return revocation_file_.load(shared_.revocations, clock_.wall_ms());
}

Result<void> Server::start(config::Diagnostics &diagnostics) {
    Result<void> prepared;
    service_.call([&] { prepared = prepare(diagnostics); });
    if (!prepared) return prepared;
    if (auto started = modules_->start(); !started) return started;
    service_.call([&] { prepared = start_service(); });
    if (prepared) prepared = start_listeners();
    running_ = true;
    hub_.start();
    service_.start();
    for (const auto &loop : loops_) loop->start();
    if (!prepared) {
        // With the threads running there is one way to stop, whatever was there already.
        stop(proto::close::kRestart);
        return prepared;
    }
    for (size_t i = 0; i < settings_->listeners.size(); ++i) {
        const auto &listener = settings_->listeners[i];
        log::info(
            "server", "listen.open",
            {{"name", listener.name}, {"address", sockets_.addresses[i]}, {"path", listener.path}});
    }
    if (!sockets_.http_address.empty())
        log::info("server", "http.open", {{"address", sockets_.http_address}});
    return {};
}

bool Server::keeps_file() const {
    return !settings_->history.path.empty() && policies_.keeps_anything();
}

// A file that another server uses is an error; one that cannot be used is not: clients are served
// from memory, and `wsectl status` says so.
Result<void> Server::open_history() {
    if (!keeps_file()) return {};
    const auto &settings = settings_->history;
    auto opened = hub::HistoryFile::open(
        {.path = settings.path,
         .file_size = settings.file_size,
         .boot_id = boot_id(),
         .seed = random_u64(),
         .keeps = [this](std::string_view topic) { return policies_.of(topic).most_kept(); }});
    if (!opened && opened.error().status == WSE_EAGAIN) return opened.error();
    if (!opened) {
        hub::HistoryFile::distrust(settings.path);
        log::error("hub", "history.unusable",
                   {{"path", settings.path}, {"error", opened.error().text}});
        return {};
    }
    log::info("hub", "history.open",
              {{"path", settings.path},
               {"topics", opened->stored.topics.size()},
               {"lost", opened->stored.lost.size()}});
    hub_.restore(std::move(opened->file), std::move(opened->stored));
    return {};
}

Result<void> Server::make_modules(config::Diagnostics &diagnostics) {
    const Error refused{WSE_EINVAL, "a module was refused"};
    modules_ = module::ModuleSet::load(loaded_, diagnostics);
    check_promises(loaded_, *modules_, diagnostics);
    if (!diagnostics.ok()) return refused;
    module::Surroundings surroundings{
        .clock = clock_,
        .loops = {},
        .service = {&service_, &service_counters_},
        .services = &services_,
        .max_answer_bytes = settings_->limits.max_publish_size,
        .call_budget_ms = settings_->limits.module_call_budget_ms,
    };
    for (const auto &loop : loops_)
        surroundings.loops.push_back({&loop->loop(), &loop->counters()});
    if (!modules_->create(surroundings, loaded_, diagnostics)) return refused;
    control_hub_.set_shapers(shapers_of(*modules_, loops_.size()), settings_->events.on_failure);
    prepare_snapshots();
    asked_ = std::make_unique<AskedModules>(*settings_, *modules_, service_, loops_);
    prepare_cluster();
    prepare_applications();
    warn_of_unused(*settings_, *modules_);
    return {};
}

void Server::prepare_snapshots() {
    std::set<std::string> names;
    for (const auto &row : settings_->topics) {
        if (!row.snapshot.empty()) names.insert(row.snapshot);
    }
    if (names.empty()) return;
    const auto deliver = [this](hub::LoopIndex loop, session::SnapshotDelivery delivery) {
        hub_.pass_on(loop, std::move(delivery));
    };
    snapshots_ = std::make_unique<SnapshotBroker>(service_, clock_, service_counters_,
                                                  settings_->limits.snapshot_timeout_ms, deliver,
                                                  SnapshotBroker::Limits{});
    for (const auto &name : names) {
        if (module::Instance *const application = modules_->find(WSE_KIND_APP, name))
            snapshots_->add(std::make_unique<module::AppSnapshotSource>(
                std::make_unique<module::ModuleApplication>(*application),
                settings_->limits.max_publish_size));
        else
            snapshots_->add(std::make_unique<module::ModuleSnapshotSource>(
                *modules_->find(WSE_KIND_SNAPSHOT, name)));
    }
    for (const auto &loop : loops_) loop->context().snapshots = snapshots_.get();
}

void Server::prepare_cluster() {
    module::Instance *const instance = modules_->find(WSE_KIND_BACKPLANE, "");
    if (!instance) return;
    policies_.join_cluster();
    cluster_ = std::make_unique<Cluster>(service_, *settings_, clock_, service_counters_, hub_,
                                         std::make_unique<module::ModuleBackplane>(*instance),
                                         Cluster::Limits{});
    readiness_.expect(cluster_->instance_name());
    hub_.set_cluster(cluster_.get());
    services_.join(cluster_.get(), &readiness_);
    services_.set_broadcast([this](std::string_view data) { take_broadcast(data); });
}

void Server::prepare_applications() {
    auto inboxes = app_inboxes_of(*modules_);
    if (inboxes.empty()) return;
    applications_ = std::make_unique<Applications>(
        service_, *settings_, clock_, service_counters_, std::move(inboxes),
        [this](hub::LoopIndex loop, Applications::Task task) {
            loops_[loop]->loop().post(
                [&context = loops_[loop]->context(), task = std::move(task)] { task(context); });
        });
    services_.set_applications(applications_.get());
    for (size_t i = 0; i < loops_.size(); ++i)
        loops_[i]->context().apps = applications_->make_way(static_cast<hub::LoopIndex>(i));
    if (!applications_->wants_presence()) return;
    hub_.set_presence_witness([apps = applications_.get()](const hub::Presence::Change &move) {
        apps->tell_presence(move);
    });
}

// What another host has said is judged as an operator's command is.
void Server::take_broadcast(std::string_view data) {
    const auto direct = read_broadcast(data, settings_->limits, clock_.wall_ms());
    if (!direct && direct.error().status == WSE_ENOTFOUND) return;  // a newer host's
    if (!direct) {
        service_counters_.add(Counter::cluster_unsound);
        return log::warn("server", "cluster.unsound",
                         {{"module", cluster_->instance_name()},
                          {"what", "broadcast_received"},
                          {"fault", direct.error().text}});
    }
    for (const auto &loop : loops_)
        loop->loop().post(
            [&context = loop->context(), direct = *direct] { send_on_loop(context, direct); });
}

void Server::start_observers() {
    observers_ = std::make_unique<Observers>(service_, *modules_);
    for (const auto &loop : loops_)
        loop->context().observations = observers_->make_way(loop->counters());
    module::Observations *const of_service = observers_->make_way(service_counters_);
    control_hub_.set_observations(of_service);
    services_.set_observations(of_service);
}

Result<void> Server::start_service() {
    if (auto keys = api_keys_.reload(); !keys) return keys.error();
    std::vector<LoopCounters> counters;
    for (const auto &loop : loops_) counters.push_back({loop->loop().name(), &loop->counters()});
    counters.push_back({service_.name(), &service_counters_});
    counters.push_back({"hub", &hub_.counters()});
    commands_.reset(
        new CommandContext{.clock = clock_,
                           .settings = *settings_,
                           .config_path = config_path_,
                           .addresses = sockets_.addresses,
                           .started_ms = started_ms_,
                           .history = keeps_file() ? HistoryUse::kFile : HistoryUse::kMemory,
                           .home = service_,
                           .loops = loops_,
                           .hub = hub_,
                           .modules = *modules_,
                           .control_hub = control_hub_,
                           .cluster = cluster_.get(),
                           .applications = applications_.get(),
                           .readiness = readiness_,
                           .shared = shared_,
                           .revocation_file = revocation_file_,
                           .certificates = certificates_,
                           .api_keys = api_keys_,
                           .http_address = sockets_.http_address,
                           .api_counters = service_counters_,
                           .counters = std::move(counters)});
    auto control = admin::ControlServer::start(
        service_, settings_->server.runtime_dir + "/control.sock", make_commands(*commands_));
    if (!control) return control.error();
    control_ = std::move(*control);
    api_ = std::make_unique<Api>(*commands_);
    services_.set_api(api_.get());
    return start_http();
}

Result<void> Server::start_http() {
    const config::Http &settings = settings_->http;
    const auto wants_http = [](const config::Listen &one) { return one.fallback == "builtin"; };
    const bool wanted =
        std::any_of(settings_->listeners.begin(), settings_->listeners.end(), wants_http);
    if (!wanted && sockets_.http < 0) return {};
    desk_ = std::make_unique<ApiDesk>(*api_, api_keys_);
    auto http =
        admin::HttpServer::start(service_, *desk_,
                                 {.connections = static_cast<uint32_t>(settings.max_connections),
                                  .request_ms = settings.request_timeout_ms,
                                  .answer_ms = kAnswerMs,
                                  .body_bytes = settings.max_body,
                                  .head_bytes = head_room(settings_->limits)});
    if (!http) return http.error();
    http_ = std::move(*http);
    if (sockets_.http < 0) return {};
    http_listener_ = std::make_unique<net::Server>(service_, clock_, api_net_limits(*settings_),
                                                   http_limits_, http_counters_);
    return http_listener_->listen(
        {.name = "http", .fd = std::exchange(sockets_.http, -1), .routes = {}, .fallback = [this] {
             return http_->connect(admin::Entrance::kApi);
         }});
}

Result<net::Connector> Server::fallback_of(const config::Listen &listener) {
    if (listener.fallback == "none") return net::Connector();
    if (listener.fallback == "builtin")
        return net::Connector([http = http_.get()] { return http->connect(); });
    auto connector = net::connector_to(listener.fallback);
    if (connector) return connector;
    return Error{connector.error().status,
                 "listen." + listener.name + ".fallback: " + connector.error().text};
}

session::GenerationRef Server::generation_for(size_t loop) {
    auto generation = std::make_shared<session::Generation>();
    generation->settings = settings_;
    for (const auto &listener : settings_->listeners) {
        module::Authenticator *const application = asked_->authenticator(listener, loop);
        generation->authenticators.push_back(
            application ? application : modules_->authenticator(listener.auth, loop));
    }
    generation->applications = asked_->applications(loop);
    generation->shapers = shapers_of(*modules_, loop);
    generation->filters = filters_of(*modules_, loop);
    generation->transforms = transforms_of(*modules_, loop);
    add_extensions(*modules_, loop, *generation);
    return generation;
}

Result<void> Server::start_listeners() {
    for (size_t loop = 0; loop < loops_.size(); ++loop) {
        const session::GenerationRef generation = generation_for(loop);
        for (size_t i = 0; i < settings_->listeners.size(); ++i) {
            auto fallback = fallback_of(settings_->listeners[i]);
            if (!fallback) return fallback.error();
            const int fd = std::exchange(sockets_.fds[i][loop], -1);
            auto listening =
                loops_[loop]->listen(fd, i, generation, std::move(*fallback), certificates_.of(i));
            if (!listening) return listening;
        }
    }
    return {};
}

void Server::stop(uint16_t code) {
    if (!running_) return;
    log::info("server", "server.stopping", {{"code", code}});
    Latch closed(loops_.size());
    for (const auto &loop : loops_) {
        loop->begin_close(code, "server going away", settings_->limits.close_timeout_ms,
                          [&closed] { closed.count_down(); });
    }
    if (!closed.wait(settings_->limits.close_timeout_ms + kStoppedLoopMs)) leave_modules_behind();
    finish_applications();
    stop_service();
    if (!observers_->finish(kStoppedLoopMs)) leave_modules_behind();
    if (!modules_->stop()) leave_modules_behind();
    hub_.stop();
    for (const auto &loop : loops_) loop->stop();
    service_.stop();
    service_.call([this] {
        http_listener_.reset();
        observers_.reset();
        applications_.reset();
        modules_.reset();
    });
    running_ = false;
}

// While the cluster is still there: an application may have something to tell other hosts. The hub
// says before what comes of the sessions that have just ended.
void Server::finish_applications() {
    if (!applications_) return;
    hub_.ask([this](const hub::Hub &) { applications_->begin_finish(); });
    if (!applications_->wait_finished(kStoppedLoopMs)) leave_modules_behind();
}

void Server::stop_service() {
    Latch closed(3);
    const auto done = [&closed] { closed.count_down(); };
    // The hub wishes what comes of the sessions that have just ended before the cluster stops.
    hub_.ask([this, done](const hub::Hub &) { cluster_ ? cluster_->stop(done) : done(); });
    service_.post([this, done] {
        if (snapshots_) snapshots_->stop();
        asked_->stop();
        readiness_.stop();
        control_ ? control_->stop(done) : done();
        const auto stop_http = [this, done] { http_ ? http_->stop(done) : done(); };
        if (!http_listener_) return stop_http();
        http_listener_->stop_accepting();
        http_listener_->close_all(proto::close::kDrain, "", settings_->limits.close_timeout_ms,
                                  stop_http);
    });
    if (!closed.wait(settings_->limits.close_timeout_ms + kStoppedLoopMs)) leave_modules_behind();
}

}  // namespace wse::server
