// SPDX-License-Identifier: MIT
// batch and broadcast: many operations as one.
#include "base/json_scan.h"
#include "base/json_writer.h"
#include "server/api_parts.h"

namespace wse::server {
namespace {

// Of the results of a batch together. Whatever comes behind those that are so many is not begun.
constexpr size_t kMaxResultBytes = size_t{16} << 20;

std::string results_json(const std::vector<std::string> &results) {
    JsonWriter out;
    out.begin_object().key("results").begin_array();
    for (const std::string &result : results) out.raw(result);
    return out.end_array().end_object().take();
}

// {"result":…} or {"error":…}
std::string result_json(const Outcome &outcome) {
    return outcome.ok ? "{\"result\":" + outcome.result + '}' : outcome.json();
}

// A batch under way. Publishes go to the hub one behind the other, which keeps their order;
// everything else waits until what came before it is done, and is waited for. So it is as if each
// was done before the next began.
class Batch final : public RefCounted<Batch> {
public:
    Batch(Api &api, const admin::Args &args, const Ref<admin::Reply> &reply)
        : api_(api), reply_(reply), key_(args["idempotency_key"].string().value_or("")) {
        std::vector<std::string_view> items;
        if (!scan_json_array(args.text("commands"), items)) items.clear();
        commands_.assign(items.begin(), items.end());
        results_.resize(commands_.size());
    }

    void go_on() {
        if (is_going_) return;  // answered before its call returned
        is_going_ = true;
        while (next_ < commands_.size() && may_begin()) begin(next_++);
        is_going_ = false;
        if (next_ == commands_.size() && pending_ == 0 && !is_answered_) {
            is_answered_ = true;
            reply_->ok(results_json(results_));
        }
    }

private:
    struct Step {
        const Operation *operation = nullptr;
        std::string parameters;
        std::string fault;
    };

    bool may_begin() {
        step_ = read(next_);
        const bool pipelines = step_.operation && step_.operation->pipelines;
        if (pending_ > 0 && !(pipelines && pipelining_)) return false;
        pipelining_ = pipelines;
        return true;
    }

    Step read(size_t index) const {
        std::vector<JsonMember> members;
        if (auto scanned = scan_json_object(commands_[index], members); !scanned)
            return {.parameters = {}, .fault = "not an object"};
        const auto method = JsonDocument::parse(find_member(members, "method"));
        const auto name = method ? method->root().string() : std::nullopt;
        if (!name) return {.parameters = {}, .fault = "method: missing or not a string"};
        Step step{.operation = find_operation(*name), .parameters = {}, .fault = {}};
        if (!step.operation || step.operation->name == std::string_view("batch"))
            return {.parameters = {},
                    .fault = "method: '" + std::string(*name) + "' is no operation of a batch"};
        const std::string_view given = find_member(members, "params");
        step.parameters = given.empty() ? "{}" : std::string(given);
        if (!key_.empty() && has_parameter(*step.operation, "idempotency_key"))
            step.parameters =
                with_member(step.parameters, "idempotency_key", key_ + '/' + std::to_string(index));
        return step;
    }

    void begin(size_t index) {
        ++pending_;
        const auto done = outcome_reply([self = Ref<Batch>(this), index](const Outcome &outcome) {
            self->results_[index] = result_json(outcome);
            self->result_bytes_ += self->results_[index].size();
            --self->pending_;
            self->go_on();
        });
        if (!step_.operation) return done->fail("invalid", step_.fault);
        if (result_bytes_ >= kMaxResultBytes)
            return done->fail("too_large",
                              "the results before it fill the answer; do it in "
                              "another batch");
        api_.call(*step_.operation, step_.parameters, done);
    }

    Api &api_;
    const Ref<admin::Reply> reply_;
    const std::string key_;
    std::vector<std::string> commands_;
    std::vector<std::string> results_;
    size_t result_bytes_ = 0;
    Step step_;  // the next one
    size_t next_ = 0;
    size_t pending_ = 0;
    bool pipelining_ = false;
    bool is_going_ = false;
    bool is_answered_ = false;
};

// A broadcast under way. Each publish looks at all that was given: after a lot of that, the others
// on this loop get their turn.
class Broadcast final : public RefCounted<Broadcast> {
public:
    Broadcast(Api &api, const admin::Args &args, const Ref<admin::Reply> &reply)
        : api_(api), reply_(reply), text_(args.whole()) {
        for (JsonView item = args["topics"].first(); item; item = item.next())
            topics_.emplace_back(item.string().value_or(""));
        results_.resize(topics_.size());
        left_ = topics_.size();
    }

    void go_on() {
        const auto document = JsonDocument::parse(text_);
        const admin::Args args(document->root(), text_);
        for (size_t seen = 0; seen < kTurnBytes && next_ < topics_.size(); seen += text_.size())
            publish(args, next_++);
        if (next_ < topics_.size())
            api_.context().home.post([self = Ref<Broadcast>(this)] { self->go_on(); });
    }

private:
    static constexpr size_t kTurnBytes = size_t{1} << 20;

    void publish(const admin::Args &args, size_t index) {
        const auto done = [self = Ref<Broadcast>(this), index](const Outcome &outcome) {
            self->take(index, outcome);
        };
        api_.context().control_hub.publish(args, topics_[index], outcome_reply(done));
    }

    void take(size_t index, const Outcome &outcome) {
        results_[index] =
            outcome.ok ? outcome.result : with_member(outcome.json(), "topic", topics_[index]);
        if (!outcome.ok) {
            ++failed_;
            failure_ = outcome;
        }
        if (--left_ > 0) return;
        // What was wrong with all is wrong with what they have in common.
        if (failed_ == results_.size()) return reply_->fail(failure_.code, failure_.message);
        reply_->ok(results_json(results_));
    }

    Api &api_;
    const Ref<admin::Reply> reply_;
    const std::string text_;
    std::vector<std::string> topics_;
    std::vector<std::string> results_;
    size_t next_ = 0;
    size_t left_ = 0;
    size_t failed_ = 0;
    Outcome failure_;  // one of them
};

}  // namespace

void call_batch(Api &api, const admin::Args &args, const Ref<admin::Reply> &reply) {
    make_ref<Batch>(api, args, reply)->go_on();
}

void call_broadcast(Api &api, const admin::Args &args, const Ref<admin::Reply> &reply) {
    make_ref<Broadcast>(api, args, reply)->go_on();
}

}  // namespace wse::server
