// SPDX-License-Identifier: MIT
// Asking a module of kind snapshot for the state behind a topic. [service loop]
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "module/answer.h"
#include "module/instance.h"
#include "module/pending.h"

namespace wse::module {

struct SnapshotRequest {
    std::string_view topic;  // borrowed for the call, as everything here
    std::string_view user;
    std::string_view params;   // a JSON object, or empty
    Place position;            // where the topic stands
    uint64_t deadline_ms = 0;  // how long to wait
};

class SnapshotSource {
public:
    using Done = std::function<void(Result<Snapshot>)>;

    virtual ~SnapshotSource() = default;
    virtual const std::string &instance_name() const = 0;
    // Is an answer for its user alone? Always the same word.
    virtual bool per_user() const = 0;
    // `done` comes on this loop exactly once unless the result is destroyed first; never inside
    // this call. WSE_ENOTFOUND: the topic has no state. At the deadline it comes with
    // WSE_ETIMEDOUT.
    virtual std::unique_ptr<Pending> request(const SnapshotRequest &request, Done done) = 0;
};

// That of an instance, which outlives it.
class ModuleSnapshotSource final : public SnapshotSource {
public:
    // [main] `instance` is of kind snapshot.
    explicit ModuleSnapshotSource(Instance &instance);

    const std::string &instance_name() const override { return host_.name(); }
    bool per_user() const override { return per_user_; }
    std::unique_ptr<Pending> request(const SnapshotRequest &request, Done done) override;

private:
    Host &host_;
    LoopSide &side_;
    const wse_snapshot_ops &ops_;
    void *const self_;
    const bool per_user_;
};

}  // namespace wse::module
