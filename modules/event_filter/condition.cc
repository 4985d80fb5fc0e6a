// SPDX-License-Identifier: MIT
#include "condition.h"

#include <cstring>

namespace wse::event_filter {
namespace {

std::string_view text_of(const cJSON *node) {
    return cJSON_IsString(node) ? std::string_view(node->valuestring) : std::string_view();
}

size_t count_up_to(const cJSON *node, size_t limit) {
    size_t count = 0;
    for (const cJSON *child = node->child; child && count < limit; child = child->next) ++count;
    return count;
}

bool equal(const cJSON *a, const cJSON *b);

// `a` is of the filter and therefore small, `b` of a message. Members may stand in any order.
bool equal_children(const cJSON *a, const cJSON *b) {
    const size_t count = count_up_to(a, SIZE_MAX);
    if (count_up_to(b, count + 1) != count) return false;
    const cJSON *other = b->child;
    for (const cJSON *one = a->child; one; one = one->next) {
        if (cJSON_IsObject(a)) other = cJSON_GetObjectItemCaseSensitive(b, one->string);
        if (!other || !equal(one, other)) return false;
        other = other->next;
    }
    return true;
}

bool equal(const cJSON *a, const cJSON *b) {
    if ((a->type & 0xff) != (b->type & 0xff)) return false;
    if (cJSON_IsString(a)) return text_of(a) == text_of(b);
    if (cJSON_IsNumber(a)) return a->valuedouble == b->valuedouble;
    if (cJSON_IsObject(a) || cJSON_IsArray(a)) return equal_children(a, b);
    return true;  // true, false and null are types
}

// What is not there is like null.
bool is_equal(const cJSON *operand, const cJSON *value) {
    return value ? equal(operand, value) : cJSON_IsNull(operand);
}

bool is_one_of(const cJSON *list, const cJSON *value) {
    for (const cJSON *item = list->child; item; item = item->next) {
        if (is_equal(item, value)) return true;
    }
    return false;
}

// -1, 0, 1; 2: values of two kinds, or of one without an order.
int order(const cJSON *value, const cJSON *operand) {
    if (!value) return 2;
    if (cJSON_IsNumber(value) && cJSON_IsNumber(operand)) {
        const double a = value->valuedouble, b = operand->valuedouble;
        return a < b ? -1 : a > b ? 1 : 0;
    }
    if (!cJSON_IsString(value) || !cJSON_IsString(operand)) return 2;
    const int sign = text_of(value).compare(text_of(operand));
    return sign < 0 ? -1 : sign > 0 ? 1 : 0;
}

// In linear time, whatever the two are.
bool has_part(std::string_view text, std::string_view part) {
    return part.empty() || memmem(text.data(), text.size(), part.data(), part.size()) != nullptr;
}

// A list or an object of so many is not looked through for every condition of every filter.
constexpr size_t kMaxItems = 4096;

bool contains(const cJSON *operand, const cJSON *value) {
    if (!value || count_up_to(value, kMaxItems + 1) > kMaxItems) return false;
    if (cJSON_IsString(value))
        return cJSON_IsString(operand) && has_part(text_of(value), text_of(operand));
    if (cJSON_IsObject(value))
        return cJSON_IsString(operand) &&
               cJSON_GetObjectItemCaseSensitive(value, operand->valuestring);
    if (!cJSON_IsArray(value)) return false;
    for (const cJSON *item = value->child; item; item = item->next) {
        if (equal(operand, item)) return true;
    }
    return false;
}

enum class Operand { kAny, kOrdered, kList, kText, kBool };

bool is_of(Operand kind, const cJSON *node) {
    switch (kind) {
        case Operand::kOrdered:
            return cJSON_IsNumber(node) || cJSON_IsString(node);
        case Operand::kList:
            return cJSON_IsArray(node);
        case Operand::kText:
            return cJSON_IsString(node);
        case Operand::kBool:
            return cJSON_IsBool(node);
        case Operand::kAny:
            break;
    }
    return true;
}

constexpr const char *kWanted[] = {"any value", "a number or a string", "a list", "a string",
                                   "true or false"};

}  // namespace

struct Condition::Operator {
    std::string_view name;
    Operand wanted;
    Test test;
};

const Condition::Operator Condition::kOperators[] = {
    {"$eq", Operand::kAny,
     [](const Condition &self, const cJSON *value) { return is_equal(self.operand(), value); }},
    {"$ne", Operand::kAny,
     [](const Condition &self, const cJSON *value) { return !is_equal(self.operand(), value); }},
    {"$gt", Operand::kOrdered,
     [](const Condition &self, const cJSON *value) { return order(value, self.operand()) == 1; }},
    {"$lt", Operand::kOrdered,
     [](const Condition &self, const cJSON *value) { return order(value, self.operand()) == -1; }},
    {"$gte", Operand::kOrdered,
     [](const Condition &self, const cJSON *value) {
         const int sign = order(value, self.operand());
         return sign == 0 || sign == 1;
     }},
    {"$lte", Operand::kOrdered,
     [](const Condition &self, const cJSON *value) { return order(value, self.operand()) <= 0; }},
    {"$in", Operand::kList,
     [](const Condition &self, const cJSON *value) { return is_one_of(self.operand(), value); }},
    {"$nin", Operand::kList,
     [](const Condition &self, const cJSON *value) { return !is_one_of(self.operand(), value); }},
    {"$exists", Operand::kBool,
     [](const Condition &self, const cJSON *value) {
         return (value != nullptr) == (cJSON_IsTrue(self.operand()) != 0);
     }},
    {"$contains", Operand::kAny,
     [](const Condition &self, const cJSON *value) { return contains(self.operand(), value); }},
    {"$startswith", Operand::kText,
     [](const Condition &self, const cJSON *value) {
         return cJSON_IsString(value) && text_of(value).starts_with(text_of(self.operand()));
     }},
    {"$endswith", Operand::kText,
     [](const Condition &self, const cJSON *value) {
         return cJSON_IsString(value) && text_of(value).ends_with(text_of(self.operand()));
     }},
    {"$regex", Operand::kText,
     [](const Condition &self, const cJSON *value) {
         return cJSON_IsString(value) && self.pattern_->matches(text_of(value));
     }},
};

std::unique_ptr<Condition> Condition::make(std::string_view name, const cJSON *operand,
                                           Patterns &patterns, std::string &problem) {
    for (const Operator &known : kOperators) {
        if (known.name != name) continue;
        if (!is_of(known.wanted, operand)) {
            problem = std::string(name) + " needs " + kWanted[static_cast<size_t>(known.wanted)];
            return nullptr;
        }
        auto condition = std::make_unique<Condition>();
        condition->test_ = known.test;
        if (name == "$regex") {
            condition->pattern_ = patterns.compile(operand->valuestring, problem);
            if (!condition->pattern_) return nullptr;
        }
        condition->operand_ = Tree(cJSON_Duplicate(operand, 1));
        if (condition->operand_) return condition;
        problem = "out of memory";
        return nullptr;
    }
    problem = "there is no operator " + std::string(name.substr(0, 32));
    return nullptr;
}

bool Condition::holds_for(const cJSON *value) const {
    return test_(*this, value);
}

}  // namespace wse::event_filter
