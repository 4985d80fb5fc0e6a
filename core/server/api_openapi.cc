// SPDX-License-Identifier: MIT
#include "server/api_openapi.h"

#include "base/json_writer.h"
#include "base/version.h"
#include "server/api.h"
#include "server/api_desk.h"

namespace wse::server {
namespace {

void write_bounds(JsonWriter &out, const Parameter &parameter, const char *least,
                  const char *most) {
    out.member(least, parameter.least);
    if (parameter.most > 0) out.member(most, parameter.most);
}

void write_commands(JsonWriter &out, const Parameter &parameter) {
    out.member("type", "array").key("items").begin_object().member("type", "object");
    out.key("required").begin_array().string("method").end_array();
    out.key("properties").begin_object();
    out.key("method").begin_object().member("type", "string").end_object();
    out.key("params").begin_object().member("type", "object").end_object();
    out.end_object().end_object();
    write_bounds(out, parameter, "minItems", "maxItems");
}

void write_schema(JsonWriter &out, const Parameter &parameter) {
    out.begin_object();
    switch (parameter.type) {
        case ParameterType::kText:
            out.member("type", "string");
            write_bounds(out, parameter, "minLength", "maxLength");
            break;
        case ParameterType::kInteger:
            out.member("type", "integer");
            if (parameter.most > 0 || parameter.least > 0)
                write_bounds(out, parameter, "minimum", "maximum");
            break;
        case ParameterType::kBoolean:
            out.member("type", "boolean");
            break;
        case ParameterType::kTexts:
            out.member("type", "array").key("items").begin_object();
            out.member("type", "string").end_object();
            write_bounds(out, parameter, "minItems", "maxItems");
            break;
        case ParameterType::kObject:
            out.member("type", "object");
            break;
        case ParameterType::kCommands:
            write_commands(out, parameter);
            break;
        case ParameterType::kAny:
            break;
    }
    out.member("description", parameter.help).end_object();
}

void write_body(JsonWriter &out, const Operation &operation) {
    bool needs_some = false;
    out.key("requestBody").begin_object().key("content").begin_object();
    out.key("application/json").begin_object().key("schema").begin_object();
    out.member("type", "object").member("additionalProperties", false);
    out.key("properties").begin_object();
    for (const Parameter &parameter : operation.parameters) {
        needs_some = needs_some || parameter.required;
        out.key(parameter.name);
        write_schema(out, parameter);
    }
    out.end_object();
    if (needs_some) {
        out.key("required").begin_array();
        for (const Parameter &parameter : operation.parameters) {
            if (parameter.required) out.string(parameter.name);
        }
        out.end_array();
    }
    out.end_object().end_object().end_object().member("required", needs_some).end_object();
}

void write_query(JsonWriter &out, const Operation &operation) {
    out.key("parameters").begin_array();
    for (const Parameter &parameter : operation.parameters) {
        out.begin_object().member("name", parameter.name).member("in", "query");
        out.member("required", parameter.required).key("schema");
        write_schema(out, parameter);
        out.end_object();
    }
    out.end_array();
}

void write_responses(JsonWriter &out, const Operation &operation) {
    out.key("responses").begin_object().key("200").begin_object();
    out.member("description", std::string("an object: ") + operation.result);
    out.key("content").begin_object().key("application/json").begin_object();
    out.key("schema").begin_object().member("type", "object").end_object();
    out.end_object().end_object().end_object();
    out.key("default").begin_object();
    out.member("description", "what went wrong, by its status and code");
    out.key("content").begin_object().key("application/json").begin_object();
    out.key("schema").begin_object().member("$ref", "#/components/schemas/Error").end_object();
    out.end_object().end_object().end_object().end_object();
}

void write_method(JsonWriter &out, const Operation &operation, bool posts) {
    out.key(posts ? "post" : "get").begin_object();
    out.member("operationId", posts ? operation.name : std::string("get_") + operation.name);
    out.member("summary", operation.help);
    posts ? write_body(out, operation) : write_query(out, operation);
    write_responses(out, operation);
    out.end_object();
}

void write_components(JsonWriter &out) {
    out.key("components").begin_object().key("securitySchemes").begin_object();
    out.key("bearer").begin_object().member("type", "http").member("scheme", "bearer").end_object();
    out.key("header").begin_object().member("type", "apiKey").member("in", "header");
    out.member("name", "X-API-Key").end_object().end_object();
    out.key("schemas").begin_object().key("Error").begin_object().member("type", "object");
    out.key("required").begin_array().string("error").end_array();
    out.key("properties").begin_object().key("error").begin_object().member("type", "object");
    out.key("required").begin_array().string("code").string("message").end_array();
    out.key("properties").begin_object();
    out.key("code").begin_object().member("type", "string").key("enum").begin_array();
    for (const auto &[code, status] : error_statuses()) out.string(code);
    out.end_array().end_object();
    out.key("message").begin_object().member("type", "string").end_object();
    out.end_object().end_object().end_object().end_object().end_object().end_object();
}

}  // namespace

std::string openapi_json() {
    JsonWriter out;
    out.begin_object().member("openapi", "3.0.3").key("info").begin_object();
    out.member("title", "WSE").member("version", kVersion);
    out.member("description", "The HTTP API of wsed for backends.").end_object();
    out.key("security").begin_array();
    for (const char *scheme : {"bearer", "header"})
        out.begin_object().key(scheme).begin_array().end_array().end_object();
    out.end_array().key("paths").begin_object();
    for (const Operation &operation : operations()) {
        out.key(std::string(kApiPrefix) + operation.name).begin_object();
        write_method(out, operation, true);
        if (operation.reads) write_method(out, operation, false);
        out.end_object();
    }
    out.end_object();
    write_components(out);
    return out.end_object().take();
}

}  // namespace wse::server
