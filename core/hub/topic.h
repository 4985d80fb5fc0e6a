// SPDX-License-Identifier: MIT
// Topic: all that the hub knows of one.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "hub/commands.h"
#include "hub/group_hosts.h"
#include "hub/journal.h"
#include "hub/policy.h"
#include "hub/queue_group.h"
#include "hub/retention.h"
#include "hub/ring.h"

namespace wse::hub {

struct Topic {
    using Places = std::list<Topic *>;

    Topic(std::string_view called, const TopicPolicy &treated, uint32_t loops)
        : name(called),
          policy(&treated),
          subscribers(loops, 0),
          ring(treated.history),
          retention(treated.retain == Retain::kLastByKey) {}

    const std::string name;
    const TopicPolicy *const policy;
    Journal::Holder::TopicState at = {};  // where it stands
    std::vector<uint32_t> subscribers;    // by loop; members of groups do not count here
    uint64_t subscriber_count = 0;        // members of groups do
    std::map<std::string, QueueGroup> groups = {};
    // Of a shared topic: the hosts that have members of a group.
    std::map<std::string, GroupHosts> group_hosts = {};

    // Of a shared topic: the cluster has told where it stands, and what it keeps of it.
    bool was_followed = false;
    bool has_all_keys = false;  // … and nothing of it was missed, or given up, since

    // Which loops have a pattern that takes it, as of `patterns_version`; empty: none.
    std::vector<bool> pattern_loops = {};
    uint64_t patterns_version = 0;

    Ring ring;
    Retention retention;
    size_t retained_bytes = 0;  // of retained messages that are not in the ring

    Places *idle_in = nullptr;  // of TopicTable, while nobody subscribes
    Places::iterator idle = {};
    // Of Store: places among the topics with a ring, and with retained messages, while it has any.
    Places::iterator ring_place = {};
    Places::iterator retention_place = {};
    bool in_rings = false;
    bool in_retentions = false;
    uint64_t expiry_due_ms = 0;  // 0: not waiting for one
};

}  // namespace wse::hub
