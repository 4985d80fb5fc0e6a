// SPDX-License-Identifier: MIT
// An application that takes a batch when the test says so.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "module/app_inbox.h"

namespace wse::test {

class FakeInbox final : public module::AppInbox {
public:
    explicit FakeInbox(std::string name, uint32_t mask = ~uint32_t{0})
        : name_(std::move(name)), mask_(mask) {}

    const std::string &instance_name() const override { return name_; }
    uint32_t wants() const override { return mask_; }
    std::unique_ptr<module::Pending> deliver(std::span<const module::AppEvent> events,
                                             Taken taken) override {
        std::string line;
        for (const auto &event : events) line += (line.empty() ? "" : " ") + text(event);
        batches.push_back(std::move(line));
        taken_ = std::move(taken);
        return std::make_unique<Batch>(*this);
    }

    // The module is done with the batch that it has.
    void take() { std::exchange(taken_, nullptr)(Result<void>()); }
    void fail() { std::exchange(taken_, nullptr)(Error{WSE_EAGAIN, "away"}); }
    bool has_batch() const { return taken_ != nullptr; }
    std::vector<std::string> heard() { return std::exchange(batches, {}); }

    std::vector<std::string> batches;  // "message:c1:data …", a line for each delivery

private:
    struct Batch final : module::Pending {
        explicit Batch(FakeInbox &asked) : owner(asked) {}
        ~Batch() override { owner.taken_ = nullptr; }
        FakeInbox &owner;
    };
    static std::string text(const module::AppEvent &event) {
        static constexpr const char *kNames[] = {"none",      "connect",    "message", "disconnect",
                                                 "join",      "leave",      "text",    "binary",
                                                 "subscribe", "unsubscribe"};
        std::string text = kNames[event.event];
        for (const auto part : {event.connection, event.topic, event.type, event.data}) {
            if (!part.empty()) text += ':' + std::string(part.substr(0, 16));
        }
        if (event.code != 0) text += ':' + std::to_string(event.code);
        return text;
    }

    const std::string name_;
    const uint32_t mask_;
    Taken taken_;
};

}  // namespace wse::test
