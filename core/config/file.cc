// SPDX-License-Identifier: MIT
#include "config/file.h"

#include <toml++/toml.h>

#include <algorithm>
#include <optional>

#include "config/syntax.h"

namespace wse::config {
namespace {

constexpr size_t kMaxSyntaxErrors = 20;

Location place(const Source *source, const toml::source_region &region) {
    return {source, region.begin.line, region.begin.column};
}

Value convert(const toml::node &node, const Source *source);

void convert_scalar(const toml::node &node, Value &value) {
    if (const auto *text = node.as_string()) {
        value.kind = Kind::kString;
        value.text = text->get();
    } else if (const auto *integer = node.as_integer()) {
        value.kind = Kind::kInteger;
        value.integer = integer->get();
    } else if (const auto *real = node.as_floating_point()) {
        value.kind = Kind::kFloat;
        value.real = real->get();
    } else if (const auto *boolean = node.as_boolean()) {
        value.kind = Kind::kBool;
        value.boolean = boolean->get();
    } else {
        value.kind = Kind::kTime;
    }
}

void convert_table(const toml::table &table, const Source *source, Value &value) {
    value.kind = Kind::kTable;
    for (const auto &[key, node] : table) {
        value.members.push_back(
            {std::string(key.str()), place(source, key.source()), convert(node, source)});
    }
    // The parser sorts by name; people read from top to bottom.
    std::stable_sort(
        value.members.begin(), value.members.end(), [](const Member &a, const Member &b) {
            return std::pair(a.at.line, a.at.column) < std::pair(b.at.line, b.at.column);
        });
}

Value convert(const toml::node &node, const Source *source) {
    Value value;
    value.at = place(source, node.source());
    if (const auto *table = node.as_table()) {
        convert_table(*table, source, value);
    } else if (const auto *array = node.as_array()) {
        value.kind = Kind::kArray;
        for (const toml::node &item : *array) value.items.push_back(convert(item, source));
    } else {
        convert_scalar(node, value);
    }
    return value;
}

// The parser throws; nothing of it passes this function.
std::optional<SyntaxError> try_parse(const std::string &text, const Source *source,
                                     Value &root) noexcept {
    try {
        root = convert(toml::parse(std::string_view(text)), source);
        return std::nullopt;
    } catch (const toml::parse_error &error) {
        const auto at = error.source().begin;
        return SyntaxError{at.line, at.column, std::string(error.description()), {}, false};
    } catch (const std::exception &error) {
        return SyntaxError{0, 0, error.what(), {}, false};
    }
}

// What is given twice, and where it stood first: the statement alone, under its header, tells its
// path; the text before it, read as a document, the place.
void explain_repetition(const std::string &text, const Source *source, SyntaxError &error) {
    const Statement statement = statement_at(text, error.line);
    Value alone;
    Value before;
    if (try_parse(statement.with_header, nullptr, alone)) return;
    if (try_parse(statement.before, source, before)) return;
    const Value *seen = &before;
    const Value *named = &alone;
    const Member *first = nullptr;
    const Member *again = nullptr;
    while (named->kind == Kind::kTable && !named->members.empty()) {
        const Member *const member = seen->find(named->members.front().name);
        if (!member) break;
        first = member;
        again = &named->members.front();
        named = &again->value;
        seen = &member->value;
        if (is_rows(*named) && !named->items.empty()) named = &named->items.back();
        if (is_rows(*seen) && !seen->items.empty()) seen = &seen->items.back();
    }
    if (!first) return;
    error.message = '\'' + first->name + "' is given twice, first at " + describe(first->at);
    error.column = again->at.column;
}

void drop_placeholders(Value &root) {
    std::erase_if(root.members, [](const Member &member) { return is_placeholder(member.name); });
}

// What comes behind a broken list or table that spans lines is the same error once more; and when
// the rest could not be read at all, so may be everything behind the first.
void drop_consequences(std::vector<SyntaxError> &errors, bool readable) {
    const auto source =
        readable ? std::find_if(errors.begin(), errors.end(),
                                [](const SyntaxError &error) { return error.spans_lines; })
                 : errors.begin();
    if (source != errors.end()) errors.erase(source + 1, errors.end());
}

}  // namespace

bool parse_source(const Source &source, Value &root, Diagnostics &diagnostics) {
    std::string text = source.text;
    std::vector<SyntaxError> errors;
    bool readable = false;
    while (errors.size() < kMaxSyntaxErrors) {
        std::optional<SyntaxError> error = try_parse(text, &source, root);
        readable = !error;
        if (readable) break;
        const uint32_t line = error->line;
        if (is_repetition(*error)) explain_repetition(text, &source, *error);
        explain_syntax(text, *error);
        errors.push_back(std::move(*error));
        if (!take_out(text, line)) break;
    }
    drop_consequences(errors, readable);
    for (SyntaxError &error : errors) {
        const Location at{&source, error.line, error.column};
        if (may_be_secret(source.text, error.line)) {
            diagnostics.hide_line(at);
            error.hint.clear();
        }
        diagnostics.error(at, std::move(error.message), std::move(error.hint));
    }
    drop_placeholders(root);
    return errors.empty();
}

Result<Value> parse_value(std::string_view text) {
    Value root;
    const auto error = try_parse("value = " + std::string(text), nullptr, root);
    if (error) return Error{WSE_EINVAL, '\'' + std::string(text) + "' is not a value"};
    const Member *const member = root.find("value");
    if (!member || root.members.size() != 1) return Error{WSE_EINVAL, "not one value"};
    return member->value;
}

}  // namespace wse::config
