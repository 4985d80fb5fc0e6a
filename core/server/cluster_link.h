// SPDX-License-Identifier: MIT
// The way from the cluster to the hub: HubThread, or what a test puts in its place. [any]
#pragma once

#include "base/result.h"
#include "hub/cluster.h"

namespace wse::server {

// What it takes on its way from thread to thread.
inline size_t size_of(const proto::Publication &publication) {
    return sizeof publication + publication.topic.size() + publication.type.size() +
           publication.id.size() + publication.bytes();
}

class ClusterLink {
public:
    virtual ~ClusterLink() = default;
    virtual void commit(hub::SubmitTicket ticket, proto::Position position) = 0;
    virtual void refuse(hub::SubmitTicket ticket, Error why) = 0;
    // Would so much be taken now?
    virtual bool has_room(size_t bytes) const = 0;
    // False: the hub's inbox, or the backlog of a loop, is full, and it was not taken: of what a
    // cluster has, nothing may be dropped.
    virtual bool remote(hub::Remote message) = 0;
    virtual bool followed(hub::Followed topic) = 0;
    virtual bool fact(hub::Fact fact) = 0;
};

}  // namespace wse::server
