// SPDX-License-Identifier: MIT
#include "entry.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "abi/module_class.h"
#include "script.h"

namespace wse::backplane_redis {
namespace {

constexpr uint32_t kPriorities[] = {1, 3, 5, 8, 10};

// The fields of an entry, name and value in turn.
class Fields {
public:
    explicit Fields(const redisReply *pairs) : pairs_(pairs) {}

    std::string_view operator[](std::string_view name) const {
        for (size_t i = 0; pairs_ && i + 1 < pairs_->elements; i += 2) {
            if (element_text(*pairs_, i) == name) return element_text(*pairs_, i + 1);
        }
        return {};
    }
    std::string_view first_name() const { return pairs_ ? element_text(*pairs_, 0) : ""; }
    uint64_t number(std::string_view name) const { return parse_number((*this)[name]).value_or(0); }

private:
    const redisReply *pairs_;
};

bool unseal(std::string_view text, const Periphery &periphery, std::string &ret) {
    if (text.empty() || !periphery.open) {
        ret = text;
        return true;
    }
    auto plain = periphery.open(text);
    if (plain) ret = std::move(*plain);
    return plain.has_value();
}

// An empty text, or what is wrong with it.
const char *read_message(const Fields &fields, const Periphery &periphery, Message &ret) {
    ret.type = fields["y"];
    ret.id = fields["i"];
    ret.place = {fields.number("e"), fields.number("o")};
    ret.priority = static_cast<uint32_t>(fields.number("r"));
    ret.time_ms = fields.number("m");
    ret.payload = fields["p"];  // as it is: it may end as a dead letter
    if (ret.topic.empty() || is_pattern(ret.topic)) return "is of no topic";
    if (ret.place.epoch == 0 || ret.place.epoch > UINT32_MAX || ret.place.offset == 0)
        return "has no place";
    if (std::find(std::begin(kPriorities), std::end(kPriorities), ret.priority) ==
        std::end(kPriorities))
        return "has no priority";
    std::string payload;
    if (!unseal(fields["p"], periphery, payload) || !unseal(fields["x"], periphery, ret.extra))
        return "does not open";
    ret.payload = std::move(payload);
    return ret.payload.empty() ? "has no payload" : "";
}

const char *read_fact(const Fields &fields, const Periphery &periphery, Fact &ret) {
    ret.kind = static_cast<uint32_t>(fields.number("f"));
    ret.topic = fields["t"];
    ret.key = fields["k"];
    ret.host = fields["h"];
    if (ret.kind == 0 || ret.topic.empty() || ret.key.empty() || ret.host.empty())
        return "is no fact";
    return unseal(fields["v"], periphery, ret.value) ? "" : "does not open";
}

void set_problem(Entry &entry, const char *problem) {
    if (*problem == '\0') return;
    entry.kind = Entry::Kind::kMalformed;
    entry.text = problem;
}

}  // namespace

std::optional<uint64_t> parse_number(std::string_view text) {
    uint64_t number = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc() || stop != text.data() + text.size())
        return std::nullopt;
    return number;
}

std::string EntryId::text() const {
    return std::to_string(ms) + '-' + std::to_string(sequence);
}

std::optional<EntryId> parse_id(std::string_view text) {
    const size_t dash = std::min(text.find('-'), text.size());
    const auto ms = parse_number(text.substr(0, dash));
    const auto sequence = parse_number(text.substr(std::min(dash + 1, text.size())));
    if (!ms || !sequence) return std::nullopt;
    return EntryId{*ms, *sequence};
}

std::optional<Place> parse_place(std::string_view text) {
    const size_t colon = std::min(text.find(':'), text.size());
    const auto epoch = parse_number(text.substr(0, colon));
    const auto offset = parse_number(text.substr(std::min(colon + 1, text.size())));
    if (!epoch || !offset || *epoch == 0 || *offset == 0) return std::nullopt;
    return Place{*epoch, *offset};
}

wse_message Message::view() const {
    wse_message out{};
    out.struct_size = sizeof out;
    out.priority = priority;
    out.topic = abi::bytes_of(topic);
    out.type = abi::bytes_of(type);
    out.id = abi::bytes_of(id);
    out.payload = abi::bytes_of(payload);
    out.extra = abi::bytes_of(extra);
    out.time_ms = time_ms;
    out.epoch = place.epoch;
    out.offset = place.offset;
    return out;
}

wse_fact Fact::view() const {
    wse_fact out{};
    out.struct_size = sizeof out;
    out.kind = kind;
    out.topic = abi::bytes_of(topic);
    out.key = abi::bytes_of(key);
    out.value = abi::bytes_of(value);
    out.host = abi::bytes_of(host);
    return out;
}

std::optional<Entry> read_entry(const redisReply &reply, const Periphery &periphery) {
    const auto id = parse_id(element_text(reply, 0));
    if (!id) return std::nullopt;
    const Fields fields(element_of(reply, 1));
    Entry entry;
    entry.id = *id;
    entry.count = fields.number("q");
    const std::string_view first = fields.first_name();
    if (first == "t") {
        entry.kind = Entry::Kind::kMessage;
        entry.message.topic = fields["t"];
        set_problem(entry, read_message(fields, periphery, entry.message));
        if (entry.message.time_ms == 0) entry.message.time_ms = id->ms;
    } else if (first == "f") {
        entry.kind = Entry::Kind::kFact;
        set_problem(entry, read_fact(fields, periphery, entry.fact));
    } else if (first == "d" || first == "c" || first == "n") {
        entry.kind = first == "d"   ? Entry::Kind::kGone
                     : first == "c" ? Entry::Kind::kCanary
                                    : Entry::Kind::kGeneration;
        entry.text = fields[first];
        entry.number = first == "c" ? fields.number("n") : 0;
    } else {
        entry.text = "is of an unknown kind";
    }
    return entry;
}

std::optional<Message> read_kept(const redisReply &reply, std::string_view topic,
                                 const Periphery &periphery) {
    Message message;
    message.topic = topic;
    const char *problem = read_message(Fields(element_of(reply, 1)), periphery, message);
    if (*problem != '\0') return std::nullopt;
    return message;
}

std::optional<Fact> read_fact(std::string_view topic, std::string_view field,
                              std::string_view value, const Periphery &periphery) {
    const size_t first = field.find('\n');
    const size_t second = first == std::string_view::npos ? first : field.find('\n', first + 1);
    if (second == std::string_view::npos) return std::nullopt;
    const auto kind = parse_number(field.substr(first + 1, second - first - 1));
    Fact fact = {static_cast<uint32_t>(kind.value_or(0)), std::string(topic),
                 std::string(field.substr(second + 1)), "", std::string(field.substr(0, first))};
    if (fact.kind == 0 || fact.key.empty() || fact.host.empty() ||
        !unseal(value, periphery, fact.value) || fact.value.empty())
        return std::nullopt;
    return fact;
}

std::string sealed(std::string_view plain, const Periphery &periphery) {
    return plain.empty() || !periphery.seal ? std::string(plain) : periphery.seal(plain);
}

}  // namespace wse::backplane_redis
