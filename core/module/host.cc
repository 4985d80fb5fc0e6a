// SPDX-License-Identifier: MIT
#include "module/host.h"

#include <cstring>

#include "base/assert.h"
#include "base/log.h"
#include "module/loop_side.h"

namespace wse::module {
namespace {

TokenId id_of(const wse_auth_token *token) {
    return {reinterpret_cast<uintptr_t>(token)};
}

// The side that the token belongs to, or null.
LoopSide *side_of(Host &host, TokenId token) {
    return token && token.loop() < host.loop_count() ? &host.side(token.loop()) : nullptr;
}

// Null for a loop that was given to another instance, or none at all.
const LoopSide *side_of(Host &host, const wse_loop *loop) {
    for (size_t i = 0; i < host.loop_count(); ++i)
        if (host.side(i).abi() == loop) return &host.side(i);
    host.misuse("passed a loop that is not its own");
    return nullptr;
}

LoopSide *side_of(Host &host, wse_loop *loop) {
    return const_cast<LoopSide *>(side_of(host, const_cast<const wse_loop *>(loop)));
}

// ---- What stands in wse_host.

void abi_log(const wse_host *host, int32_t level, const char *text) noexcept {
    if (!text) return;
    constexpr size_t kMaxText = 1024;
    const bool known = level >= WSE_LOG_ERROR && level <= WSE_LOG_DEBUG;
    log::write(known ? static_cast<log::Level>(level) : log::Level::kInfo, "module", "module.log",
               {{"module", Host::of(host).name()},
                {"text", std::string_view(text, strnlen(text, kMaxText))}});
}

uint64_t abi_now_ms(const wse_host *host) noexcept {
    return Host::of(host).clock().wall_ms();
}

int32_t abi_post(const wse_host *host, wse_loop *loop, void (*fn)(void *) noexcept,
                 void *arg) noexcept {
    LoopSide *side = side_of(Host::of(host), loop);
    return side ? side->post(fn, arg) : WSE_EINVAL;
}

void abi_stat_add(const wse_host *host, uint32_t id, int64_t delta) noexcept {
    Host &self = Host::of(host);
    if (!self.stats().add(id, delta)) self.misuse("added to a counter it has not registered");
}

int32_t abi_auth_done(const wse_host *host, wse_auth_token *token, int32_t status,
                      const wse_auth_result *result) noexcept {
    Host &self = Host::of(host);
    LoopSide *side = side_of(self, id_of(token));
    if (side) return side->answer(id_of(token), status, result);
    self.misuse("answered with a token that is none");
    return WSE_EINVAL;
}

void abi_stop_done(const wse_host *host, wse_stop_token *token) noexcept {
    // A stop token is the side itself.
    if (LoopSide *side = side_of(Host::of(host), reinterpret_cast<wse_loop *>(token)))
        side->stop_done();
}

uint32_t abi_loop_index(const wse_host *host, const wse_loop *loop) noexcept {
    const LoopSide *side = side_of(Host::of(host), loop);
    if (!side) return UINT32_MAX;
    Host::of(host).on_loop(*side, "loop_index");
    return side->index();
}

void *abi_uv(const wse_host *host, wse_loop *loop) noexcept {
    const LoopSide *side = side_of(Host::of(host), loop);
    return side && Host::of(host).on_loop(*side, "uv") ? side->loop().uv() : nullptr;
}

int32_t abi_work(const wse_host *host, wse_loop *loop, void (*blocking)(void *) noexcept,
                 void (*after)(void *) noexcept, void *arg) noexcept {
    LoopSide *side = side_of(Host::of(host), loop);
    if (!side || !Host::of(host).on_loop(*side, "work")) return WSE_EINVAL;
    return side->work(blocking, after, arg);
}

int32_t abi_header(const wse_host *host, const wse_auth_token *token, const char *name,
                   wse_bytes *ret) noexcept {
    Host &self = Host::of(host);
    const LoopSide *side = side_of(self, id_of(token));
    if (!side || !self.on_loop(*side, "header")) return WSE_EINVAL;
    return side->header(id_of(token), name, ret);
}

int32_t abi_stat(const wse_host *host, const char *name, const char *help,
                 uint32_t *ret_id) noexcept {
    Host &self = Host::of(host);
    if (!self.creating()) {
        self.misuse("registered a counter outside create");
        return WSE_EINVAL;
    }
    if (!name || !ret_id) return WSE_EINVAL;
    auto id = self.stats().add_counter(name, help ? help : "");
    if (!id) {
        log::error("module", "stat.refused", {{"module", self.name()}, {"text", id.error().text}});
        return id.error().status;
    }
    *ret_id = *id;
    return WSE_OK;
}

}  // namespace

Host::Host(std::string name, const Surroundings &surroundings)
    : name_(std::move(name)), clock_(surroundings.clock), strict_(surroundings.strict) {
    WSE_ASSERT(surroundings.loops.size() == surroundings.counters.size() &&
                   surroundings.loops.size() <= TokenTable::kMaxLoops,
               "modules need one Counters per loop and at most 4096 loops");
    table_.host = this;
    table_.abi = {
        .struct_size = sizeof(wse_host),
        .abi_minor = WSE_ABI_MINOR,
        .loop_count = static_cast<uint32_t>(surroundings.loops.size()),
        .reserved = 0,
        .log = abi_log,
        .now_ms = abi_now_ms,
        .post = abi_post,
        .stat_add = abi_stat_add,
        .auth_done = abi_auth_done,
        .stop_done = abi_stop_done,
        .loop_index = abi_loop_index,
        .uv = abi_uv,
        .work = abi_work,
        .header = abi_header,
        .stat = abi_stat,
    };
    for (uint32_t i = 0; i < surroundings.loops.size(); ++i)
        sides_.push_back(
            make_ref<LoopSide>(*this, i, *surroundings.loops[i], *surroundings.counters[i]));
}

Host::~Host() = default;

Host &Host::of(const wse_host *host) {
    return *reinterpret_cast<const Table *>(host)->host;
}

void Host::misuse(std::string_view rule) {
    const std::string text(rule);
    if (!strict_) return log::warn("module", "module.misuse", {{"module", name_}, {"rule", text}});
    log::error("module", "module.misuse", {{"module", name_}, {"rule", text}});
    assertion_failed(__FILE__, __LINE__, ("module " + name_ + " " + text).c_str());
}

bool Host::on_loop(const LoopSide &side, const char *function) {
    if (side.loop().on_thread()) return true;
    misuse(std::string("called ") + function + " outside its loop's thread");
    return false;
}

}  // namespace wse::module
