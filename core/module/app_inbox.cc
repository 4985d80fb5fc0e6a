// SPDX-License-Identifier: MIT
#include "module/app_inbox.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "module/bytes.h"
#include "module/question.h"

namespace wse::module {
namespace {

wse_app_event as_abi(const AppEvent &event) {
    return {
        .struct_size = sizeof(wse_app_event),
        .event = event.event,
        .connection = to_bytes(event.connection),
        .user = to_bytes(event.user),
        .topic = to_bytes(event.topic),
        .type = to_bytes(event.type),
        .id = to_bytes(event.id),
        .data = to_bytes(event.data),
        .time_ms = event.time_ms,
        .code = event.code,
        .reserved = 0,
    };
}

}  // namespace

ModuleAppInbox::ModuleAppInbox(Instance &instance)
    : host_(instance.host()),
      side_(instance.host().side(0)),
      ops_(instance.descriptor().app),
      self_(instance.self()),
      wants_(ops_.wants ? ops_.wants(self_) : ~uint32_t{0}) {
    WSE_ASSERT(instance.descriptor().def.kind == WSE_KIND_APP,
               "events are delivered to a module of another kind");
}

std::unique_ptr<Pending> ModuleAppInbox::deliver(std::span<const AppEvent> events, Taken taken) {
    std::vector<wse_app_event> batch;
    batch.reserve(events.size());
    std::transform(events.begin(), events.end(), std::back_inserter(batch), as_abi);
    const auto call = [&](TokenId token) {
        return ops_.deliver(self_, side_.abi(), batch.data(), batch.size(),
                            abi_token<wse_batch_token>(token));
    };
    return Question::ask(
        host_, side_, std::numeric_limits<uint64_t>::max(), call, {},
        [taken = std::move(taken)](Result<Answer> answer) {
            const auto done = answer_as<BatchTaken>(std::move(answer));
            taken(done ? Result<void>() : done.error());
        },
        "deliver");
}

}  // namespace wse::module
