// SPDX-License-Identifier: MIT
// Result<T>: a value, or an Error that says in one sentence what went wrong.
// Functions of the core return it instead of throwing.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include <wse/module.h>

#include "base/assert.h"

namespace wse {

// Text is lower case, without a full stop, and names the thing and the value.
struct Error {
    wse_status status = WSE_EINVAL;
    std::string text;
};

// "permission denied" for WSE_EDENIED; "unknown status" for what is not in WSE_STATUS_MAP.
const char *status_text(int status);

template <class T>
class [[nodiscard]] Result {
public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }

    T &value() {
        WSE_ASSERT(ok(), "value() of a failed Result");
        return std::get<0>(state_);
    }
    const T &value() const { return const_cast<Result *>(this)->value(); }
    T &operator*() { return value(); }
    const T &operator*() const { return value(); }
    T *operator->() { return &value(); }
    const T *operator->() const { return &value(); }

    const Error &error() const {
        WSE_ASSERT(!ok(), "error() of a Result with a value");
        return std::get<1>(state_);
    }

private:
    std::variant<T, Error> state_;
};

struct Success {};

template <>
class [[nodiscard]] Result<void> : public Result<Success> {
public:
    Result() : Result<Success>(Success{}) {}
    Result(Error error) : Result<Success>(std::move(error)) {}
};

}  // namespace wse
