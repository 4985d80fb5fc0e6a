// SPDX-License-Identifier: MIT
#include "module/backplane.h"

#include <utility>

#include "module/bytes.h"
#include "module/call.h"
#include "module/question.h"

namespace wse::module {
namespace {

wse_message as_abi(const Event &message) {
    return {
        .struct_size = sizeof(wse_message),
        .priority = message.priority,
        .topic = to_bytes(message.topic),
        .type = to_bytes(message.type),
        .id = to_bytes(message.id),
        .payload = to_bytes(message.payload),
        .extra = to_bytes(message.extra),
        .time_ms = message.time_ms,
        .epoch = message.epoch,
        .offset = message.offset,
    };
}

wse_topic_use as_abi(const TopicUse &use) {
    return {
        .struct_size = sizeof(wse_topic_use),
        .id_given = use.id_given ? 1u : 0u,
        .topic = to_bytes(use.topic),
        .history_messages = use.history_messages,
        .history_age_ms = use.history_age_ms,
        .epoch = use.have.epoch,
        .offset = use.have.offset,
    };
}

}  // namespace

ModuleBackplane::ModuleBackplane(Instance &instance)
    : host_(instance.host()),
      side_(instance.host().side(0)),
      ops_(instance.descriptor().backplane),
      self_(instance.self()) {}

std::unique_ptr<Pending> ModuleBackplane::submit(const Event &message, const TopicUse &use,
                                                 uint64_t deadline_ms, Placed done) {
    const auto call = [&](TokenId token) {
        const wse_message abi = as_abi(message);
        const wse_topic_use abi_use = as_abi(use);
        return ops_.submit(self_, side_.abi(), &abi, &abi_use, abi_token<wse_submit_token>(token));
    };
    const auto cancel = [this](TokenId token) {
        if (ops_.cancel) ops_.cancel(self_, side_.abi(), abi_token<wse_submit_token>(token));
    };
    return Question::ask(
        host_, side_, deadline_ms, call, cancel,
        [done = std::move(done)](Result<Answer> answer) {
            done(answer_as<Place>(std::move(answer)));
        },
        "submit");
}

int32_t ModuleBackplane::follow(const TopicUse &use) {
    if (side_.stopping()) return WSE_ECANCELED;
    const wse_topic_use abi = as_abi(use);
    const Call timed(side_, "follow");
    return ops_.follow(self_, side_.abi(), &abi);
}

void ModuleBackplane::unfollow(std::string_view topic) {
    if (side_.stopping()) return;
    const Call timed(side_, "unfollow");
    ops_.unfollow(self_, side_.abi(), to_bytes(topic));
}

int32_t ModuleBackplane::set_fact(const OwnFact &fact) {
    if (!ops_.set_fact || side_.stopping()) return WSE_ECANCELED;
    const wse_fact abi = {
        .struct_size = sizeof abi,
        .kind = fact.kind,
        .topic = to_bytes(fact.topic),
        .key = to_bytes(fact.key),
        .value = to_bytes(fact.value),
        .host = {},
    };
    const Call timed(side_, "set_fact");
    return ops_.set_fact(self_, side_.abi(), &abi);
}

int32_t ModuleBackplane::broadcast(std::string_view data) {
    if (!ops_.broadcast || side_.stopping()) return WSE_ECANCELED;
    const Call timed(side_, "broadcast");
    return ops_.broadcast(self_, side_.abi(), to_bytes(data));
}

std::unique_ptr<Pending> ModuleBackplane::command(std::string_view request, uint64_t deadline_ms,
                                                  Said done) {
    const auto call = [&](TokenId token) -> int32_t {
        if (!ops_.command) return WSE_ENOTFOUND;
        return ops_.command(self_, side_.abi(), to_bytes(request),
                            abi_token<wse_command_token>(token));
    };
    return Question::ask(
        host_, side_, deadline_ms, call, {},
        [done = std::move(done)](Result<Answer> answer) {
            auto said = answer_as<CommandAnswer>(std::move(answer));
            done(said ? Result<std::string>(std::move(said->json)) : said.error());
        },
        "command");
}

}  // namespace wse::module
