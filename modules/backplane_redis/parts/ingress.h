// SPDX-License-Identifier: MIT
// What other programs publish: by XADD to the stream <prefix>:ingress, of which nothing is lost,
// and by PUBLISH on <prefix>:<topic>, of which something is lost whenever nobody listens. One host
// of all takes it in, which has the lease for that.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "abi/timer.h"
#include "dead_letters.h"
#include "ingress_channel.h"
#include "ingress_queue.h"
#include "lease.h"
#include "link.h"
#include "locator.h"
#include "refusal.h"
#include "seldom.h"
#include "site.h"

namespace wse::backplane_redis::parts {

// One loop, from which everything is called.
class Ingress {
public:
    // `link` is that of site.key(""). All that is passed outlives this.
    Ingress(const Site &site, Locator &locator, Link &link, DeadLetters &dead_letters,
            const redis::Limits &limits, uint64_t lease_ms, const IngressCounters &counters);
    // After `closed` of close().
    ~Ingress() = default;
    Ingress(const Ingress &) = delete;
    Ingress &operator=(const Ingress &) = delete;

    // It is this host that takes it in.
    bool is_here() const { return lease_.is_held(); }
    // Whether this host can publish, which it can from the start on; one that cannot leaves the
    // ingress to the others.
    void set_ready(bool ready) { lease_.want(ready); }
    // What is with the server is waited for. `closed` is not called in this call.
    void close(std::function<void()> closed);

private:
    void lease_changed(bool held);
    void connect();
    void read();
    void read_done(redis::Failure failure, const redisReply *reply);
    void read_fewer();
    void take(const redisReply &reply);
    void skip();
    void skipped(redis::Failure failure, const redisReply *reply);
    void heard(std::string_view topic, std::string_view event);
    void remove(const std::string &id);
    void flush();
    void removed(const std::vector<std::string> &ids, bool done);
    void tick();
    void close_remover();
    void check_closed();
    std::string stream() const { return site_.prefix + ":ingress"; }

    const Site &site_;
    Locator &locator_;
    DeadLetters &dead_letters_;
    const redis::Limits limits_;
    IngressQueue queue_;
    IngressChannel channel_;
    std::unique_ptr<Link> reader_;   // made when the lease is taken for the first time, and kept
    std::unique_ptr<Link> remover_;  // likewise
    const uint64_t lease_ms_;
    Refusal reading_refusal_;
    Refusal removing_refusal_;
    uint64_t round_ = 0;  // of the lease: what was asked for in an earlier one is not taken
    uint64_t taken_at_ = 0;
    bool reading_ = false;
    uint64_t read_at_ = 0;    // by the loop's clock, as the others: not before
    std::string last_ = "0";  // entry that was read
    uint64_t count_;          // of entries that are read at once
    bool too_big_ = false;    // the last reply, for which the connection was given up
    bool skipping_ = false;
    std::vector<std::string> done_;  // entries to be removed
    bool removing_ = false;
    uint64_t remove_at_ = 0;
    Seldom drops_;
    abi::Timer timer_;  // then looks whether there is something to do
    bool closing_ = false;
    bool drained_ = false;       // and nothing is with the server
    uint64_t remove_until_ = 0;  // when it is
    bool leaving_ = false;       // the remover is being closed
    int open_ = 4;  // parts that are not closed: lease, queue, channel, timer, and links
    std::function<void()> closed_;
    Lease lease_;  // the last member: it may tell at once
};

}  // namespace wse::backplane_redis::parts
