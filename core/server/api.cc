// SPDX-License-Identifier: MIT
#include "server/api.h"

#include <algorithm>

#include "base/json_scan.h"
#include "base/json_writer.h"

namespace wse::server {
namespace {

bool is_list_of_texts(JsonView value) {
    if (!value.is_array()) return false;
    for (JsonView item = value.first(); item; item = item.next()) {
        if (!item.is_string()) return false;
    }
    return true;
}

// What a value of the type is called, when this is none; else null.
const char *missing_type(ParameterType type, JsonView value) {
    switch (type) {
        case ParameterType::kText:
            return value.is_string() ? nullptr : "a string";
        case ParameterType::kInteger:
            return value.integer() ? nullptr : "a whole number";
        case ParameterType::kBoolean:
            return value.boolean() ? nullptr : "true or false";
        case ParameterType::kTexts:
            return is_list_of_texts(value) ? nullptr : "a list of strings";
        case ParameterType::kObject:
            return value.is_object() ? nullptr : "an object";
        case ParameterType::kCommands:
            return value.is_array() ? nullptr : "a list of objects";
        case ParameterType::kAny:
            break;
    }
    return nullptr;
}

Result<void> check_range(const Parameter &parameter, JsonView value) {
    int64_t measure = 0;
    const char *unit = "";
    if (parameter.type == ParameterType::kInteger) {
        measure = *value.integer();
    } else if (parameter.type == ParameterType::kText) {
        measure = static_cast<int64_t>(value.string()->size());
        unit = " bytes";
    } else if (value.is_array()) {
        measure = static_cast<int64_t>(value.size());
        unit = " items";
    } else {
        return {};
    }
    if (measure >= parameter.least && (parameter.most == 0 || measure <= parameter.most)) return {};
    std::string range = std::to_string(parameter.least);
    range += parameter.most == 0 ? " or more" : " to " + std::to_string(parameter.most);
    return Error{WSE_EINVAL, std::string(parameter.name) + ": " + std::to_string(measure) + unit +
                                 ", not " + range};
}

Result<void> check_parameter(const Parameter &parameter, JsonView value) {
    const std::string name = parameter.name;
    if (!value) {
        if (parameter.required) return Error{WSE_EINVAL, name + ": missing"};
        return {};
    }
    if (const char *const wanted = missing_type(parameter.type, value))
        return Error{WSE_EINVAL, name + ": not " + wanted};
    if (parameter.required && value.string() == "") return Error{WSE_EINVAL, name + ": empty"};
    return check_range(parameter, value);
}

class OutcomeReply final : public admin::Reply {
public:
    explicit OutcomeReply(std::function<void(Outcome)> done) : done_(std::move(done)) {}

    void ok(std::string_view result_json) override {
        end({.ok = true, .result = std::string(result_json)});
    }
    void fail(std::string_view code, std::string_view message) override {
        end({.code = std::string(code), .message = std::string(message)});
    }
    bool event(std::string_view) override { return false; }
    void on_gone(std::function<void()>) override {}

private:
    void end(Outcome outcome) {
        if (auto done = std::exchange(done_, nullptr)) done(std::move(outcome));
    }
    std::function<void(Outcome)> done_;
};

}  // namespace

bool has_parameter(const Operation &operation, std::string_view name) {
    const auto &all = operation.parameters;
    return std::any_of(all.begin(), all.end(),
                       [&](const Parameter &one) { return one.name == name; });
}

Result<void> check_parameters(const Operation &operation, JsonView parameters) {
    for (JsonView member = parameters.first(); member; member = member.next()) {
        if (!has_parameter(operation, member.name()))
            return Error{WSE_EINVAL, std::string(member.name()) + ": " + operation.name +
                                         " has no such parameter"};
    }
    for (const Parameter &parameter : operation.parameters) {
        if (auto checked = check_parameter(parameter, parameters[parameter.name]); !checked)
            return checked;
    }
    return {};
}

std::string with_member(std::string_view object, std::string_view name, std::string_view value) {
    std::vector<JsonMember> members;
    if (!scan_json_object(object, members) || !find_member(members, name).empty())
        return std::string(object);
    const std::string_view rest = object.substr(object.find('{') + 1);
    JsonWriter out;
    out.begin_object().member(name, value);
    return out.take() + (members.empty() ? "" : ",") + std::string(rest);
}

Api::Api(CommandContext &context) : context_(context), commands_(make_commands(context)) {}

void Api::call(const Operation &operation, std::string_view parameters,
               const Ref<admin::Reply> &reply) {
    std::vector<JsonMember> members;
    if (auto scanned = scan_json_object(parameters, members); !scanned)
        return reply->fail("invalid_json", scanned.error().text);
    // It would be known as a parameter, and not be found where a text is passed on as written.
    for (const JsonMember &member : members) {
        if (member.name.find('\\') != std::string_view::npos)
            return reply->fail("invalid_json", "the name of a parameter has an escape");
    }
    const auto document = JsonDocument::parse(parameters);
    if (!document) return reply->fail("invalid_json", document.error().text);
    if (auto checked = check_parameters(operation, document->root()); !checked)
        return reply->fail("invalid", checked.error().text);
    operation.run(*this, admin::Args(document->root(), parameters), reply);
}

void Api::run(std::string_view command, const admin::Args &args, const Ref<admin::Reply> &reply) {
    for (const admin::Command &each : commands_) {
        if (each.name == command) return each.run(args, reply);
    }
    reply->fail("internal", "there is no command '" + std::string(command) + "'");
}

std::string Outcome::json() const {
    if (ok) return result;
    return "{\"error\":" + error_json() + '}';
}

std::string Outcome::error_json() const {
    JsonWriter out;
    out.begin_object().member("code", code).member("message", message).end_object();
    return out.take();
}

int32_t Outcome::status() const {
    constexpr std::pair<std::string_view, int32_t> kStatuses[] = {
        {"invalid", WSE_EINVAL},      {"invalid_json", WSE_EINVAL}, {"denied", WSE_EDENIED},
        {"not_found", WSE_ENOTFOUND}, {"gone", WSE_ENOTFOUND},      {"too_large", WSE_ETOOBIG},
        {"unavailable", WSE_EAGAIN},  {"timeout", WSE_ETIMEDOUT},
    };
    if (ok) return WSE_OK;
    for (const auto &[name, status] : kStatuses) {
        if (code == name) return status;
    }
    return WSE_EIO;
}

Ref<admin::Reply> outcome_reply(std::function<void(Outcome)> done) {
    return Ref<admin::Reply>(new OutcomeReply(std::move(done)));
}

}  // namespace wse::server
