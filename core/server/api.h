// SPDX-License-Identifier: MIT
// The operations that backends have: one table for the HTTP API, its OpenAPI document and the calls
// of app modules. What a control command does already is done by it. [service loop]
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "admin/command.h"
#include "base/result.h"
#include "server/commands.h"

namespace wse::server {

enum class ParameterType : uint8_t { kText, kInteger, kBoolean, kTexts, kObject, kAny, kCommands };

struct Parameter {
    const char *name;
    ParameterType type;
    bool required;
    const char *help;
    int64_t least = 0;  // of a number, or items of a list
    int64_t most = 0;   // … or bytes of a text; 0: no such limit
};

class Api;

struct Operation {
    const char *name;  // as in /api/v1/NAME
    const char *help;
    bool reads;      // changes nothing, so GET will do, too
    bool pipelines;  // in a batch it need not be over when the next of its kind begins
    std::span<const Parameter> parameters;
    const char *result;  // the members of the result, as docs/http-api.md has them
    void (*run)(Api &, const admin::Args &, const Ref<admin::Reply> &);
};

std::span<const Operation> operations();
// Null: there is none.
const Operation *find_operation(std::string_view name);
bool has_parameter(const Operation &operation, std::string_view name);

// The error begins with the name of the parameter.
Result<void> check_parameters(const Operation &operation, JsonView parameters);

// The object with one more member in front, unless it has it.
std::string with_member(std::string_view object, std::string_view name, std::string_view value);

class Api {
public:
    // `context` outlives it.
    explicit Api(CommandContext &context);

    // Checks what was given, a JSON object, and does it. Each call is answered; an answer may come
    // before it returns.
    void call(const Operation &operation, std::string_view parameters,
              const Ref<admin::Reply> &reply);
    // A command of the control socket.
    void run(std::string_view command, const admin::Args &args, const Ref<admin::Reply> &reply);

    CommandContext &context() { return context_; }

private:
    CommandContext &context_;
    const admin::CommandTable commands_;
};

// What came of a call.
struct Outcome {
    bool ok = false;
    std::string result = {};  // JSON
    std::string code = {}, message = {};

    // {"error":{"code","message"}}, or the result.
    std::string json() const;
    std::string error_json() const;  // {"code","message"}
    // As modules are told.
    int32_t status() const;
};

// Calls `done` once, with the first answer.
Ref<admin::Reply> outcome_reply(std::function<void(Outcome)> done);

}  // namespace wse::server
