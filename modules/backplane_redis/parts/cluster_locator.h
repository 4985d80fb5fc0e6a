// SPDX-License-Identifier: MIT
// Masters by the slots of a Redis Cluster. The map of slots is kept until it was wrong once.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "inquiry.h"
#include "later.h"
#include "locator.h"

namespace wse::backplane_redis::parts {

// Slots that one master serves.
struct SlotRange {
    int64_t first = 0;
    int64_t last = 0;
    std::string host;
    uint16_t port = 0;
};

// Of a reply to CLUSTER SLOTS; a node that does not know its own address is `asked`. Empty: the
// reply is none, or there are no slots.
std::vector<SlotRange> read_slots(const redisReply &reply, const redis::Url &asked);

class ClusterLocator final : public Locator {
public:
    // Masters are `like` at other addresses; without a password they take that of the node that
    // told of them.
    ClusterLocator(uv_loop_t *loop, std::vector<redis::Url> nodes, redis::Url like);

    void locate(const std::string &key, Done done) override;
    void moved(const std::string &key) override;
    void close(std::function<void()> closed) override;

private:
    void ask();
    void answer_all(const std::string &problem);
    redis::Url url_of(const SlotRange &range) const;
    void learn_nodes();
    std::optional<redis::Url> find(const std::string &key) const;

    const redis::Url like_;
    Later later_;
    Inquiry inquiry_;
    redis::Url from_;               // the node that told of them
    std::vector<SlotRange> slots_;  // empty: to be asked for
    std::vector<std::pair<std::string, Done>> waiting_;
};

}  // namespace wse::backplane_redis::parts
