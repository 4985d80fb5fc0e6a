// SPDX-License-Identifier: MIT
// Applications that keep what they hear as lines, and refuse when the test says so.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "session/app_link.h"

namespace wse::test {

class FakeApps final : public session::AppLink {
public:
    bool is_full() const override { return full; }
    bool wants(size_t, uint32_t event) const override {
        return (mask & module::app_bit(event)) != 0;
    }
    std::unique_ptr<session::AppLine> open(session::AppClient client) override {
        lines.push_back("connect " + client.connection + ' ' + client.user + ' ' + client.data);
        serial = client.serial;
        return std::make_unique<Line>(*this);
    }
    std::vector<std::string> take() { return std::exchange(lines, {}); }

    uint32_t mask = ~uint32_t{0};
    bool full = false;    // no more clients
    bool behind = false;  // nothing that may be refused
    size_t room = 1000;   // for what may not be
    uint64_t serial = 0;  // of the last session
    std::vector<std::string> lines;

private:
    class Line final : public session::AppLine {
    public:
        explicit Line(FakeApps &owner) : AppLine(owner.mask), owner_(owner) {}
        bool offer(const module::AppEvent &event) override {
            if (!owner_.behind) tell(event);
            return !owner_.behind;
        }
        void tell(const module::AppEvent &event) override {
            static constexpr const char *kNames[] = {
                "none",  "connect", "message", "disconnect", "join",
                "leave", "text",    "binary",  "subscribe",  "unsubscribe"};
            std::string line = kNames[event.event];
            for (const auto text : {event.topic, event.type, event.id, event.data}) {
                if (!text.empty()) line += ' ' + std::string(text);
            }
            owner_.lines.push_back(std::move(line));
        }
        bool has_room(size_t events) const override { return events <= owner_.room; }
        void close(uint32_t code, std::string_view reason) override {
            owner_.lines.push_back("disconnect " + std::to_string(code) + ' ' +
                                   std::string(reason));
        }

    private:
        FakeApps &owner_;
    };
};

}  // namespace wse::test
