// SPDX-License-Identifier: MIT
// Cluster: what joins this hub with those of other hosts, as the hub sees it, and what the hub is
// told by them. A topic is either shared by all hosts, and then its messages get their places
// there, or it is this host's alone. [hub]
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hub/policy.h"
#include "proto/message.h"

namespace wse::hub {

using SubmitTicket = uint64_t;

// A committed message on its way back from the cluster, this host's own or another's.
struct Remote {
    proto::Publication publication;
    proto::Position position;
};

// What holds on one host about a topic, and all are to know.
struct Fact {
    enum class Kind : uint8_t { kPresent = 1, kGroup = 2 };
    Kind kind = Kind::kPresent;
    std::string topic = {};  // with an empty key: or all of them, when it is empty, too
    std::string key = {};    // the user, or the group; empty: whatever holds on the host
    std::string value = {};  // data of the user, or of the group "1"; empty: it holds no more
    std::string host = {};
};

// Where a topic stands in the cluster: the next Remote of it comes after `position`. Sent for each
// topic that the hub follows, and anew whenever something has been missed.
struct Followed {
    std::string topic;  // or a pattern, which stands nowhere
    proto::Position position = {};
    // The last ones up to there, without a gap: those the hub does not have, or all that are kept.
    std::vector<Remote> messages = {};
    std::string host = {};         // what this host is called in a fact
    std::vector<Fact> facts = {};  // all that hold on the topic
};

// Nothing is answered inside the call.
class Cluster {
public:
    virtual ~Cluster() = default;
    // Answered by Hub::commit or Hub::refuse.
    virtual void submit(SubmitTicket ticket, const proto::Publication &publication,
                        const TopicPolicy &policy) = 0;
    // A topic, of which this hub has everything up to `have`, or a pattern. Answered by
    // Hub::followed, which may take as long as the others are out of reach.
    virtual void follow(const std::string &name, proto::Position have,
                        const TopicPolicy &policy) = 0;
    virtual void unfollow(const std::string &name) = 0;
    // Of a topic that is followed; `host` is empty.
    virtual void set_fact(const Fact &fact) = 0;
};

}  // namespace wse::hub
