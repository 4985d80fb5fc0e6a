// SPDX-License-Identifier: MIT
// A module that offers filters: {"n":3} takes the messages whose payload has that text in it.
// Counts what it is asked.
#pragma once

#include <memory>
#include <string>

#include "module/event.h"

namespace wse::test {

struct FilterCalls {
    int compiled = 0, discarded = 0, read = 0, matched = 0, closed = 0;
    int filters() const { return compiled - discarded; }
};

class FakeFilters final : public module::EventFilters {
public:
    explicit FakeFilters(FilterCalls &calls) : calls_(calls) {}

    Result<void *> compile(std::string_view criteria) override {
        if (criteria.find("bad") != std::string_view::npos)
            return Error{WSE_EINVAL, "filter: bad is no criterion"};
        ++calls_.compiled;
        return new std::string(criteria.substr(1, criteria.size() - 2));
    }
    void discard(void *filter) override {
        ++calls_.discarded;
        delete static_cast<std::string *>(filter);
    }
    Result<void *> read(const module::Event &event) override {
        ++calls_.read;
        if (event.payload.find("unreadable") != std::string_view::npos)
            return Error{WSE_EIO, "unreadable"};
        return new std::string(event.payload);
    }
    bool match(const void *filter, const void *view) override {
        ++calls_.matched;
        return static_cast<const std::string *>(view)->find(
                   *static_cast<const std::string *>(filter)) != std::string::npos;
    }
    void close(void *view) override {
        ++calls_.closed;
        delete static_cast<std::string *>(view);
    }

private:
    FilterCalls &calls_;
};

}  // namespace wse::test
