// SPDX-License-Identifier: MIT
#include "surroundings.h"

#include <utility>

namespace wse::backplane_redis::parts {
namespace {

// A page of dead letters is 16 of a megabyte, and as much again where one is being read.
redis::Limits limits_of_link() {
    redis::Limits limits;
    limits.reply_bytes = 32 << 20;
    limits.silence_ms = 3000;
    return limits;
}

// Larger replies would keep the loop from renewing the leases: fewer entries are read at once where
// they are larger together.
redis::Limits limits_of_ingress() {
    redis::Limits limits = limits_of_link();
    limits.reply_bytes = 16 << 20;
    return limits;
}

LinkEvents events_of(const Site &site) {
    LinkEvents events;
    events.up = [] {};
    events.down = [&site](const std::string &problem) {
        site.host->log(site.host, WSE_LOG_WARN, ("hosts.lost problem=\"" + problem + '"').c_str());
    };
    return events;
}

}  // namespace

Surroundings::Surroundings(const Site &site, Locator &locator, uint64_t lease_ms,
                           const SurroundingsCounters &counters, HostsEvents events)
    : link_(site.uv, locator, site.key(""), limits_of_link(), events_of(site)),
      dead_letters_(site, link_, counters.dead_letters),
      hosts_(site, link_, lease_ms, std::move(events)),
      ingress_(site, locator, link_, dead_letters_, limits_of_ingress(), lease_ms,
               counters.ingress) {}

bool Surroundings::command(std::string_view name, std::string_view request,
                           DeadLetters::Answer answer) {
    if (!DeadLetters::takes(name)) return false;
    dead_letters_.command(request, std::move(answer));
    return true;
}

// The link goes last: the others say goodbye on it.
void Surroundings::close(std::function<void()> closed) {
    closed_ = std::move(closed);
    const auto one = [this] { one_closed(); };
    hosts_.close(one);
    ingress_.close(one);
    dead_letters_.close(one);
}

void Surroundings::one_closed() {
    if (--open_ > 0) return;
    link_.close([this] { std::exchange(closed_, nullptr)(); });
}

}  // namespace wse::backplane_redis::parts
