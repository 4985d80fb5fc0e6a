// SPDX-License-Identifier: MIT
// Asking a module of kind backplane, which joins this host with others. What it brings in comes
// through module::Services. [service loop]
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "module/answer.h"
#include "module/event.h"
#include "module/instance.h"
#include "module/pending.h"

namespace wse::module {

// How this host uses a topic. Borrowed for the call, as everything here.
struct TopicUse {
    std::string_view topic;  // to follow, also a pattern
    uint64_t history_messages = 0;
    uint64_t history_age_ms = 0;
    Place have = {};        // of the last message that is here
    bool id_given = false;  // of the message that is submitted, by its publisher
};

// What holds here, of the kinds WSE_FACT_*.
struct OwnFact {
    uint32_t kind = WSE_FACT_PRESENT;
    std::string_view topic = {};
    std::string_view key = {};
    std::string_view value = {};  // empty: it holds no more
};

class Backplane {
public:
    using Placed = std::function<void(Result<Place>)>;
    using Said = std::function<void(Result<std::string>)>;

    virtual ~Backplane() = default;
    virtual const std::string &instance_name() const = 0;
    // Does it pass facts on?
    virtual bool has_facts() const = 0;

    // `done` comes on this loop exactly once unless the result is destroyed first; never inside
    // this call. At the deadline it comes with WSE_ETIMEDOUT: whether the message was published is
    // not known then.
    virtual std::unique_ptr<Pending> submit(const Event &message, const TopicUse &use,
                                            uint64_t deadline_ms, Placed done) = 0;
    // Anything but WSE_OK: it was not taken.
    virtual int32_t follow(const TopicUse &use) = 0;
    virtual void unfollow(std::string_view topic) = 0;
    virtual int32_t set_fact(const OwnFact &fact) = 0;
    virtual int32_t broadcast(std::string_view data) = 0;
    // A JSON object; `done` as above, with JSON.
    virtual std::unique_ptr<Pending> command(std::string_view request, uint64_t deadline_ms,
                                             Said done) = 0;
};

// That of an instance, which outlives it. Once the instance stops, nothing is taken.
class ModuleBackplane final : public Backplane {
public:
    // [main] `instance` is of kind backplane.
    explicit ModuleBackplane(Instance &instance);

    const std::string &instance_name() const override { return host_.name(); }
    bool has_facts() const override { return ops_.set_fact; }
    std::unique_ptr<Pending> submit(const Event &message, const TopicUse &use, uint64_t deadline_ms,
                                    Placed done) override;
    int32_t follow(const TopicUse &use) override;
    void unfollow(std::string_view topic) override;
    int32_t set_fact(const OwnFact &fact) override;
    int32_t broadcast(std::string_view data) override;
    std::unique_ptr<Pending> command(std::string_view request, uint64_t deadline_ms,
                                     Said done) override;

private:
    Host &host_;
    LoopSide &side_;
    const wse_backplane_ops &ops_;
    void *const self_;
};

}  // namespace wse::module
