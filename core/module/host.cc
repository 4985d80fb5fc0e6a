// SPDX-License-Identifier: MIT
#include "module/host.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"
#include "base/log.h"
#include "module/bytes.h"
#include "module/call.h"
#include "module/loop_side.h"
#include "module/question.h"
#include "module/shaping.h"

namespace wse::module {
namespace {

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

int32_t answer(Host &host, TokenId token, const std::function<Result<Answer>()> &judge) {
    LoopSide *side = side_of(host, token);
    if (side) return side->answer(token, judge);
    host.misuse("answered with a token that is none");
    return WSE_EINVAL;
}

int32_t abi_auth_done(const wse_host *host, wse_auth_token *token, int32_t status,
                      const wse_auth_result *result) noexcept {
    Host &self = Host::of(host);
    return answer(self, id_of(token), [&] { return judge_identity(self.name(), status, result); });
}

int32_t abi_snapshot_done(const wse_host *host, wse_snapshot_token *token, int32_t status,
                          const wse_snapshot *snapshot) noexcept {
    Host &self = Host::of(host);
    return answer(self, id_of(token), [&] {
        return judge_snapshot(self.name(), status, snapshot, self.max_answer_bytes());
    });
}

int32_t abi_submit_done(const wse_host *host, wse_submit_token *token, int32_t status,
                        uint64_t epoch, uint64_t offset) noexcept {
    Host &self = Host::of(host);
    return answer(self, id_of(token), [&] {
        return judge_place(self.name(), status, {epoch, offset});
    });
}

int32_t abi_batch_done(const wse_host *host, wse_batch_token *token) noexcept {
    return answer(Host::of(host), id_of(token), [] { return Answer(BatchTaken{}); });
}

int32_t abi_ask_done(const wse_host *host, wse_ask_token *token, int32_t status,
                     const wse_reply *reply) noexcept {
    Host &self = Host::of(host);
    return answer(self, id_of(token), [&] { return judge_reply(self.name(), status, reply); });
}

int32_t abi_command_done(const wse_host *host, wse_command_token *token, int32_t status,
                         wse_bytes said) noexcept {
    Host &self = Host::of(host);
    return answer(self, id_of(token), [&] { return judge_command(self.name(), status, said); });
}

// A struct of the module's that can be read; anything else is a misuse.
template <class Struct>
bool is_whole(Host &host, const Struct *given, uint32_t size1_0, const char *name) {
    if (given && given->struct_size >= size1_0) return true;
    host.misuse(std::string("passed a ") + name + " that is none");
    return false;
}

bool is_sound(Host &host, const wse_message *message) {
    constexpr uint32_t kSize1_0 = 112;
    static_assert(sizeof(wse_message) == kSize1_0);
    return is_whole(host, message, kSize1_0, "wse_message");
}

bool is_sound(Host &host, const wse_fact *fact) {
    constexpr uint32_t kSize1_0 = 72;
    static_assert(sizeof(wse_fact) == kSize1_0);
    return is_whole(host, fact, kSize1_0, "wse_fact");
}

bool is_sound(Host &host, const wse_followed *followed) {
    constexpr uint32_t kSize1_0 = 88;
    static_assert(sizeof(wse_followed) == kSize1_0);
    if (!is_whole(host, followed, kSize1_0, "wse_followed")) return false;
    if ((followed->count > 0 && !followed->messages) ||
        (followed->fact_count > 0 && !followed->facts)) {
        host.misuse("passed a wse_followed without its messages or facts");
        return false;
    }
    return std::all_of(followed->messages, followed->messages + followed->count,
                       [&](const wse_message &message) { return is_sound(host, &message); }) &&
           std::all_of(followed->facts, followed->facts + followed->fact_count,
                       [&](const wse_fact &fact) { return is_sound(host, &fact); });
}

int32_t abi_publish(const wse_host *host, const wse_message *message) noexcept {
    Host &self = Host::of(host);
    if (!is_sound(self, message)) return WSE_EINVAL;
    return self.services() ? self.services()->publish(self.name(), *message) : WSE_EAGAIN;
}

// The services, when the module may use them: on the service loop. Null is no answer for it.
Services *services_at(const wse_host *host, wse_loop *loop, const char *function) {
    Host &self = Host::of(host);
    const LoopSide *side = side_of(self, loop);
    if (!side || !self.on_loop(*side, function)) return nullptr;
    if (!self.on_service_loop(*side)) {
        self.misuse(std::string("called ") + function + " on a loop that is not the service loop");
        return nullptr;
    }
    return self.services();
}

int32_t abi_history(const wse_host *host, wse_loop *loop, wse_bytes topic, uint64_t count,
                    void (*done)(void *, int32_t, const wse_message *, uint64_t) noexcept,
                    void *arg) noexcept {
    Services *services = services_at(host, loop, "history");
    if (!services || !done) return WSE_EINVAL;
    // The stop waits for it, as for a post.
    LoopSide &side = LoopSide::of(loop);
    return side.expect([&](std::function<bool()> still_there) {
        return services->history(to_view(topic), count,
                                 [&side, done, arg, still_there = std::move(still_there)](
                                     int32_t status, std::span<const wse_message> messages) {
                                     if (!still_there()) return;
                                     const Call call(side, "history");
                                     done(arg, status, messages.data(), messages.size());
                                 });
    });
}

int32_t abi_publish_then(const wse_host *host, wse_loop *loop, const wse_message *message,
                         void (*done)(void *, int32_t, uint64_t, uint64_t) noexcept,
                         void *arg) noexcept {
    Services *services = services_at(host, loop, "publish_then");
    if (!services || !done || !is_sound(Host::of(host), message)) return WSE_EINVAL;
    LoopSide &side = LoopSide::of(loop);
    return side.expect([&](std::function<bool()> still_there) {
        return services->publish_then(Host::of(host).name(), *message,
                                      [&side, done, arg, still_there = std::move(still_there)](
                                          int32_t status, uint64_t epoch, uint64_t offset) {
                                          if (!still_there()) return;
                                          const Call call(side, "publish_then");
                                          done(arg, status, epoch, offset);
                                      });
    });
}

int32_t abi_remote_message(const wse_host *host, wse_loop *loop,
                           const wse_message *message) noexcept {
    Services *services = services_at(host, loop, "remote_message");
    if (!services || !is_sound(Host::of(host), message)) return WSE_EINVAL;
    return services->remote_message(Host::of(host).name(), *message);
}

int32_t abi_followed(const wse_host *host, wse_loop *loop, const wse_followed *followed) noexcept {
    Services *services = services_at(host, loop, "followed");
    if (!services || !is_sound(Host::of(host), followed)) return WSE_EINVAL;
    return services->followed(Host::of(host).name(), *followed);
}

int32_t abi_remote_fact(const wse_host *host, wse_loop *loop, const wse_fact *fact) noexcept {
    Services *services = services_at(host, loop, "remote_fact");
    if (!services || !is_sound(Host::of(host), fact)) return WSE_EINVAL;
    return services->remote_fact(Host::of(host).name(), *fact);
}

int32_t abi_broadcast_received(const wse_host *host, wse_loop *loop, wse_bytes data) noexcept {
    Services *services = services_at(host, loop, "broadcast_received");
    if (!services) return WSE_EINVAL;
    if (data.len > 0 && !data.data) {
        Host::of(host).misuse("passed a null pointer with a length to broadcast_received");
        return WSE_EINVAL;
    }
    return services->broadcast_received(Host::of(host).name(), to_view(data));
}

void abi_health(const wse_host *host, wse_loop *loop, int32_t status, const char *text) noexcept {
    constexpr size_t kMaxText = 256;
    Services *services = services_at(host, loop, "health");
    if (!services) return;
    services->health(Host::of(host).name(), status,
                     text ? std::string_view(text, strnlen(text, kMaxText)) : std::string_view());
}

// What `begin` starts is answered by the module's `done`, if it wants to hear; the stop waits.
using AbiDone = void (*)(void *, int32_t, wse_bytes) noexcept;
int32_t call_then(wse_loop *loop, const char *function, AbiDone done, void *arg,
                  const std::function<int32_t(Services::CalledDone)> &begin) {
    if (!done) return begin({});
    LoopSide &side = LoopSide::of(loop);
    return side.expect([&](std::function<bool()> still_there) {
        return begin([&side, function, done, arg, still_there = std::move(still_there)](
                         int32_t status, std::string_view answer) {
            if (!still_there()) return;
            const Call call(side, function);
            done(arg, status, to_bytes(answer));
        });
    });
}

bool is_readable(Host &host, const wse_bytes &bytes, const char *function) {
    if (bytes.len == 0 || bytes.data) return true;
    host.misuse(std::string("passed a null pointer with a length to ") + function);
    return false;
}

int32_t abi_app_command(const wse_host *host, wse_loop *loop, const wse_app_command *command,
                        AbiDone done, void *arg) noexcept {
    Services *services = services_at(host, loop, "app_command");
    constexpr uint32_t kSize1_0 = 72;
    static_assert(sizeof(wse_app_command) == kSize1_0);
    Host &self = Host::of(host);
    if (!services || !is_whole(self, command, kSize1_0, "wse_app_command")) return WSE_EINVAL;
    if (command->message && !is_sound(self, command->message)) return WSE_EINVAL;
    for (const wse_bytes *bytes : {&command->connection, &command->topic, &command->data}) {
        if (!is_readable(self, *bytes, "app_command")) return WSE_EINVAL;
    }
    return call_then(loop, "app_command", done, arg, [&](Services::CalledDone then) {
        return services->app_command(self.name(), *command, std::move(then));
    });
}

int32_t abi_api_call(const wse_host *host, wse_loop *loop, wse_bytes operation, wse_bytes params,
                     AbiDone done, void *arg) noexcept {
    Services *services = services_at(host, loop, "api_call");
    Host &self = Host::of(host);
    if (!services || !is_readable(self, operation, "api_call") ||
        !is_readable(self, params, "api_call"))
        return WSE_EINVAL;
    return call_then(loop, "api_call", done, arg, [&](Services::CalledDone then) {
        return services->api_call(self.name(), to_view(operation), to_view(params),
                                  std::move(then));
    });
}

int32_t abi_batch_progress(const wse_host *host, wse_loop *loop, wse_batch_token *token) noexcept {
    Services *services = services_at(host, loop, "batch_progress");
    if (!services) return WSE_EINVAL;
    if (!token) {
        Host::of(host).misuse("called batch_progress without a token");
        return WSE_EINVAL;
    }
    return services->batch_progress(Host::of(host).name());
}

int32_t abi_shape_set(const wse_host *host, wse_shaping *shaping, uint32_t member,
                      wse_bytes value) noexcept {
    if (Shaping *open = Shaping::of(shaping)) return open->set(member, value);
    Host::of(host).misuse("called shape_set outside shape");
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

// On which loops a kind runs, see wse/module.h.
std::vector<Home> homes_of(wse_kind kind, const Surroundings &surroundings) {
    std::vector<Home> homes;
    const bool on_connections =
        kind == WSE_KIND_AUTH || kind == WSE_KIND_TRANSFORM || kind == WSE_KIND_EVENT;
    if (on_connections) homes = surroundings.loops;
    const bool on_service = !on_connections || kind == WSE_KIND_EVENT;
    if (on_service) {
        WSE_ASSERT(surroundings.service.loop, "a module of this kind needs a service loop");
        homes.push_back(surroundings.service);
    }
    return homes;
}

std::vector<const Loop *> loops_of(const std::vector<Home> &homes) {
    std::vector<const Loop *> loops;
    loops.reserve(homes.size());
    for (const Home &home : homes) loops.push_back(home.loop);
    return loops;
}

}  // namespace

Host::Host(std::string name, wse_kind kind, const Surroundings &surroundings)
    : name_(std::move(name)),
      interned_name_(interned(name_)),
      clock_(surroundings.clock),
      services_(surroundings.services),
      max_answer_bytes_(surroundings.max_answer_bytes),
      call_budget_ms_(surroundings.call_budget_ms),
      strict_(surroundings.strict),
      service_loop_(surroundings.service.loop),
      stats_(loops_of(homes_of(kind, surroundings))) {
    const std::vector<Home> homes = homes_of(kind, surroundings);
    WSE_ASSERT(homes.size() <= TokenTable::kMaxLoops, "modules run on at most 4096 loops");
    table_.host = this;
    table_.abi = {
        .struct_size = sizeof(wse_host),
        .abi_minor = WSE_ABI_MINOR,
        .loop_count = static_cast<uint32_t>(homes.size()),
        .reserved = 0,
        .log = abi_log,
        .now_ms = abi_now_ms,
        .post = abi_post,
        .stat_add = abi_stat_add,
        .publish = abi_publish,
        .stop_done = abi_stop_done,
        .auth_done = abi_auth_done,
        .snapshot_done = abi_snapshot_done,
        .submit_done = abi_submit_done,
        .batch_done = abi_batch_done,
        .ask_done = abi_ask_done,
        .loop_index = abi_loop_index,
        .uv = abi_uv,
        .work = abi_work,
        .header = abi_header,
        .shape_set = abi_shape_set,
        .history = abi_history,
        .publish_then = abi_publish_then,
        .remote_message = abi_remote_message,
        .followed = abi_followed,
        .remote_fact = abi_remote_fact,
        .broadcast_received = abi_broadcast_received,
        .health = abi_health,
        .command_done = abi_command_done,
        .app_command = abi_app_command,
        .stat = abi_stat,
        .api_call = abi_api_call,
        .batch_progress = abi_batch_progress,
    };
    for (uint32_t i = 0; i < homes.size(); ++i)
        sides_.push_back(make_ref<LoopSide>(*this, i, *homes[i].loop, *homes[i].counters));
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

void Host::call_took(const char *function, const char *loop, uint64_t ms) {
    if (ms <= call_budget_ms_) return;
    slow_calls_.fetch_add(1, std::memory_order_relaxed);
    uint64_t slowest = slowest_ms();
    while (slowest < ms && !slowest_ms_.compare_exchange_weak(slowest, ms)) {
    }
    log::warn("module", "module.slow_call",
              {{"module", name_}, {"function", function}, {"loop", loop}, {"ms", ms}});
}

bool Host::on_service_loop(const LoopSide &side) const {
    return &side.loop() == service_loop_;
}

bool Host::on_loop(const LoopSide &side, const char *function) {
    if (side.loop().on_thread()) return true;
    misuse(std::string("called ") + function + " outside its loop's thread");
    return false;
}

}  // namespace wse::module
