// SPDX-License-Identifier: MIT
#include "filter.h"

#include <algorithm>

#include "json_text/json_text.h"

namespace wse::event_filter {

namespace {

constexpr size_t kMaxSteps = 16;  // of a path

bool is_operator(const cJSON *member) {
    return member->string[0] == '$';
}

// Empty: one of its steps is.
Path split(std::string_view text) {
    Path path;
    for (;;) {
        const size_t dot = std::min(text.find('.'), text.size());
        if (dot == 0 || path.size() == kMaxSteps) return {};
        path.emplace_back(text.substr(0, dot));
        if (dot == text.size()) return path;
        text.remove_prefix(dot + 1);
    }
}

}  // namespace

// Descends the criteria. Each function returns false when `problem` is set.
class Compiler {
public:
    using Node = Filter::Node;
    using Join = Node::Join;

    Compiler(const Config &config, Patterns &patterns, std::string &problem)
        : config_(config), patterns_(patterns), problem_(problem) {}

    // Every member of the object must hold.
    bool add_object(const cJSON *object, int64_t depth, Node &out) {
        if (depth > config_.max_depth)
            return fail("more than " + std::to_string(config_.max_depth) + " levels");
        for (const cJSON *member = object->child; member; member = member->next) {
            if (!add_member(member, depth, out)) return false;
        }
        return true;
    }

private:
    bool fail(std::string why) {
        problem_ = std::move(why);
        return false;
    }

    bool add_member(const cJSON *member, int64_t depth, Node &out) {
        const std::string_view name = member->string;
        // Older clients say so; here nothing but the future is ever filtered.
        if (name == "start_from_latest") return true;
        if (name == "$and") return add_list(member, Join::kAll, depth, out);
        if (name == "$or") return add_list(member, Join::kAny, depth, out);
        if (name == "$not") return add_negation(member, depth, out);
        if (is_operator(member))
            return fail(std::string(name.substr(0, 32)) + " needs a path before it");
        Node node;
        node.path = split(name);
        if (node.path.empty())
            return fail("'" + std::string(name.substr(0, 64)) + "' is no path of 1 to 16 names");
        if (!add_conditions(member, depth, node)) return false;
        out.nodes.push_back(std::move(node));
        return true;
    }

    // Without any in it, $and holds and $or does not.
    bool add_list(const cJSON *list, Join join, int64_t depth, Node &out) {
        if (!cJSON_IsArray(list)) return fail(std::string(list->string) + " needs a list");
        Node node;
        node.join = join;
        for (const cJSON *item = list->child; item; item = item->next) {
            if (!cJSON_IsObject(item))
                return fail(std::string(list->string) + " is a list of objects");
            if (!count()) return false;
            Node each;
            if (!add_object(item, depth + 1, each)) return false;
            node.nodes.push_back(std::move(each));
        }
        out.nodes.push_back(std::move(node));
        return true;
    }

    bool add_negation(const cJSON *member, int64_t depth, Node &out) {
        if (!cJSON_IsObject(member)) return fail("$not needs an object");
        Node inner;
        if (!count() || !add_object(member, depth + 1, inner)) return false;
        Node node;
        node.join = Join::kNone;
        node.nodes.push_back(std::move(inner));
        out.nodes.push_back(std::move(node));
        return true;
    }

    // {"$gt":1,"$lt":9}, or a value that the path must have.
    bool add_conditions(const cJSON *member, int64_t depth, Node &out) {
        const bool is_object = cJSON_IsObject(member) && member->child;
        if (!is_object || !is_operator(member->child)) return add_condition("$eq", member, out);
        for (const cJSON *each = member->child; each; each = each->next) {
            if (!is_operator(each))
                return fail("'" + std::string(each->string).substr(0, 64) +
                            "' stands among operators");
            const std::string_view name = each->string;
            if (name == "$not" ? !add_negated(each, depth, out) : !add_condition(name, each, out))
                return false;
        }
        return true;
    }

    bool add_condition(std::string_view name, const cJSON *operand, Node &out) {
        if (!count()) return false;
        auto condition = Condition::make(name, operand, patterns_, problem_);
        if (!condition) return false;
        out.conditions.push_back(std::move(condition));
        return true;
    }

    // {"$not":{"$gt":1}}, behind a path.
    bool add_negated(const cJSON *member, int64_t depth, Node &out) {
        if (!cJSON_IsObject(member) || !member->child || !is_operator(member->child))
            return fail("$not behind a path needs operators");
        if (depth + 1 > config_.max_depth)
            return fail("more than " + std::to_string(config_.max_depth) + " levels");
        Node inner;
        inner.path = out.path;
        if (!add_conditions(member, depth + 1, inner)) return false;
        Node node;
        node.join = Join::kNone;
        node.nodes.push_back(std::move(inner));
        out.nodes.push_back(std::move(node));
        return true;
    }

    bool count() {
        if (++conditions_ <= config_.max_conditions) return true;
        return fail("more than " + std::to_string(config_.max_conditions) + " conditions");
    }

    const Config &config_;
    Patterns &patterns_;
    std::string &problem_;
    int64_t conditions_ = 0;
};

std::unique_ptr<Filter> Filter::compile(std::string_view criteria, const Config &config,
                                        Patterns &patterns, std::string &problem) {
    const Tree tree(json_text::is_json(criteria)
                        ? cJSON_ParseWithLength(criteria.data(), criteria.size())
                        : nullptr);
    if (!cJSON_IsObject(tree.get())) {
        problem = "not a JSON object";
        return nullptr;
    }
    auto filter = std::make_unique<Filter>();
    Compiler compiler(config, patterns, problem);
    return compiler.add_object(tree.get(), 1, filter->root_) ? std::move(filter) : nullptr;
}

bool Filter::Node::holds_for(const View &view) const {
    const auto holds = [&](const Node &node) { return node.holds_for(view); };
    if (join == Join::kAny) return std::any_of(nodes.begin(), nodes.end(), holds);
    if (join == Join::kNone) return std::none_of(nodes.begin(), nodes.end(), holds);
    if (!conditions.empty()) {
        const cJSON *const value = view.find(path);
        const bool all = std::all_of(conditions.begin(), conditions.end(),
                                     [&](const auto &each) { return each->holds_for(value); });
        if (!all) return false;
    }
    return std::all_of(nodes.begin(), nodes.end(), holds);
}

}  // namespace wse::event_filter
