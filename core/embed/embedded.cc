// SPDX-License-Identifier: MIT
#include "embed/embedded.h"

#include <unistd.h>

#include <cstdio>

#include "base/log.h"
#include "base/version.h"
#include "config/diagnostics.h"
#include "module/resident.h"
#include "proto/codes.h"
#include "server/process.h"
#include "server/supervisor.h"
#include "server/topic_policies.h"

namespace wse::embed {
namespace {

// What a module of the program's is loaded from.
std::string load_of(const std::string &name) {
    return "module." + name + ".load=\"" + std::string(module::kProgram) + name + '"';
}

config::LoadRequest request_of(const wse_server_options &options) {
    config::LoadRequest request;
    request.path = options.config ? options.config : WSE_CONFIG_PATH;
    request.module_dir = options.module_dir ? options.module_dir : WSE_MODULE_DIR;
    for (uint64_t i = 0; i < options.overrides.count; ++i)
        request.overrides.emplace_back(options.overrides.items[i]);
    for (uint64_t i = 0; i < options.module_count; ++i)
        request.overrides.push_back(load_of(options.modules[i]->name));
    return request;
}

Result<void> verdict(const config::Diagnostics &diagnostics) {
    std::fputs(diagnostics.render().c_str(), stderr);
    for (const auto &one : diagnostics.items()) {
        if (one.severity != config::Severity::kError) continue;
        return Error{WSE_EINVAL, one.file + ':' + std::to_string(one.line) + ": " + one.message};
    }
    return {};
}

}  // namespace

Embedded::~Embedded() {
    WSE_ASSERT(!thread_.joinable(), "an embedded server is freed while it starts or stops");
    server_.reset();
    watchdog_.reset();
    module::forget_residents();
    if (has_log_) log::stop();
}

Result<std::unique_ptr<Embedded>> Embedded::make(uv_loop_t *loop,
                                                 const wse_server_options &options) {
    std::unique_ptr<Embedded> embedded(new Embedded(loop));
    if (auto prepared = embedded->prepare(options); !prepared) return prepared.error();
    if (auto bound = embedded->bind(); !bound) return bound.error();
    return embedded;
}

Result<void> Embedded::prepare(const wse_server_options &options) {
    for (uint64_t i = 0; i < options.module_count; ++i) {
        // It is judged when it is loaded; until then its name alone is used.
        const wse_module_def *const def = options.modules[i];
        if (!def || !def->name) return Error{WSE_EINVAL, "a module of the program has no name"};
        module::add_resident(def->name, *def);
    }
    const config::LoadRequest request = request_of(options);
    config_path_ = request.path;
    config::Diagnostics diagnostics;
    loaded_ = config::load(request, diagnostics);
    if (diagnostics.ok()) {
        certificates_ = std::make_unique<server::CertificateTable>(loaded_.settings(), clock_);
        certificates_->read(loaded_, diagnostics);
    }
    return verdict(diagnostics);
}

Result<void> Embedded::bind() {
    const auto &settings = loaded_.settings();
    server::ignore_write_signals();
    if (auto made = server::make_runtime_dir(settings.server); !made) return made;
    if (server::TopicPolicies(settings.topics).keeps_anything())
        server::make_state_dir(settings.server);
    // Before the sockets, which nobody would close.
    if (auto log = server::start_log(settings.log); !log) return log;
    has_log_ = true;
    auto sockets = server::bind_all(settings);
    if (!sockets) return sockets.error();
    addresses_ = sockets->addresses;
    log::info("server", "server.starting", {{"version", kVersion}, {"pid", getpid()}});
    watchdog_ = std::make_unique<module::Watchdog>(clock_);
    server_ = std::make_unique<server::Server>(loaded_, config_path_, std::move(*sockets),
                                               *certificates_, loop_);
    return {};
}

void Embedded::beside(std::function<Task()> work) {
    struct Return {
        uv_async_t wake{};
        Embedded *embedded = nullptr;
        Task then;
    };
    auto *const way = new Return{.embedded = this, .then = {}};
    way->wake.data = way;
    uv_async_init(loop_, &way->wake, [](uv_async_t *wake) noexcept {
        auto *const from = static_cast<Return *>(wake->data);
        from->embedded->thread_.join();
        const Task then = std::move(from->then);
        uv_close(reinterpret_cast<uv_handle_t *>(wake),
                 [](uv_handle_t *handle) noexcept { delete static_cast<Return *>(handle->data); });
        then();
    });
    thread_ = std::thread([way, work = std::move(work)] {
        way->then = work();
        uv_async_send(&way->wake);
    });
}

void Embedded::start(Started started) {
    beside([this, started = std::move(started)]() -> Task {
        config::Diagnostics diagnostics;
        auto result = server_->start(diagnostics);
        if (auto said = verdict(diagnostics); !said) result = said;
        if (result) log::info("server", "server.ready");
        return [started, result] { started(result); };
    });
}

void Embedded::stop(std::function<void()> stopped) {
    beside([this, stopped = std::move(stopped)]() -> Task {
        server_->stop(proto::close::kDrain);
        log::info("server", "server.stopped");
        return stopped;
    });
}

const char *Embedded::address(std::string_view listener) const {
    const auto &listeners = loaded_.settings().listeners;
    for (size_t i = 0; i < listeners.size(); ++i) {
        if (listeners[i].name == listener) return addresses_[i].c_str();
    }
    return nullptr;
}

}  // namespace wse::embed
