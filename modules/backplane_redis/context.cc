// SPDX-License-Identifier: MIT
#include "context.h"

#include "abi/counters.h"

namespace wse::backplane_redis {
namespace {

// In the order of Counter.
const abi::Counter kTable[] = {
    {"appended", "messages of this host that have their place"},
    {"batches", "batches that were appended"},
    {"received", "messages that were passed on to the server"},
    {"read", "entries of shards that were read"},
    {"followed", "topics attached to, again or for the first time"},
    {"refused", "messages that could not be published, and entries that could not be read"},
    {"holes", "times that entries of a shard were missing"},
    {"epochs_lost", "times that Redis had lost data of a shard"},
    {"reconnects", "connections to Redis that came back"},
    {"dead_letters", "messages that were put aside"},
    {"ingress", "messages of other programs that were published"},
    {"ingress_refused", "messages of other programs that were not"},
    {"canaries_late", "times that a canary did not come back, so that a shard was connected anew"},
    {"breakers_opened", "connections to Redis that were lost, or could not be made"},
};
static_assert(std::size(kTable) == kCounters);

}  // namespace

std::string register_counters(Context &context) {
    return abi::register_counters(context.host, kTable, context.counters);
}

void Context::dead_letter(std::string_view topic, std::string_view message,
                          std::string_view reason) const {
    if (periphery.dead_letter) periphery.dead_letter(topic, message, reason);
}

}  // namespace wse::backplane_redis
