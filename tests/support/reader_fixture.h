// SPDX-License-Identifier: MIT
// A session whose client reads as real ones do: it detects gaps, and takes a loss only when it is
// told of it (docs/protocol.md, recovery).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/session_fixture.h"

namespace wse::test {

// What a client makes of the stream of one topic.
struct Stream {
    std::optional<proto::Position> last;
    std::vector<uint64_t> accepted;  // offsets
    uint64_t repeats = 0;            // dropped, as seen before
    uint64_t gaps = 0;               // dropped, as something is missing: the server's fault
    std::vector<std::pair<proto::Position, proto::Position>> holes = {};  // it was told of them
};

class Reader {
public:
    // One line for what came: "topic@offset", "type n" of an event without stamps, "ack …".
    std::string read(JsonView message) {
        const std::string type(message["t"].string().value_or(""));
        if (type == "subscription_update") return read_ack(message["p"]);
        if (message["tp"]) return read_stamped(message);
        if (type == "error") return "error " + text(message["p"]["code"]);
        const auto number = message["p"]["n"].integer();
        return number ? type + " " + std::to_string(*number) : type;
    }

    std::map<std::string, Stream> streams;

private:
    static std::string text(JsonView view) { return std::string(view.string().value_or("")); }

    std::string read_stamped(JsonView message) {
        const std::string topic = text(message["tp"]);
        const proto::Position at{proto::parse_epoch(text(message["e"])).value_or(0),
                                 static_cast<uint64_t>(message["o"].integer().value_or(0))};
        Stream &stream = streams[topic];
        if (!stream.last || stream.last->epoch != at.epoch ||
            at.offset == stream.last->offset + 1) {
            stream.last = at;
            stream.accepted.push_back(at.offset);
        } else {
            ++(at.offset <= stream.last->offset ? stream.repeats : stream.gaps);
        }
        return topic + "@" + std::to_string(at.offset);
    }

    std::string read_ack(JsonView ack) {
        if (text(ack["action"]) == "unsubscribe") return "unsubscribed";
        std::string line = "ack";
        for (JsonView at = ack["success_topics"].first(); at; at = at.next())
            line += " " + text(at);
        for (JsonView at = ack["failed_topics"].first(); at; at = at.next())
            line += " -" + text(at);
        for (JsonView at = ack["recovery"].first(); at; at = at.next()) {
            const proto::Position head{proto::parse_epoch(text(at["epoch"])).value_or(0),
                                       static_cast<uint64_t>(at["offset"].integer().value_or(0))};
            const bool recovered = at["recovered"].boolean() != false;
            line +=
                " " + std::string(at.name()) + "@" + std::to_string(head.offset) +
                (recovered ? "+" + std::to_string(at["count"].integer().value_or(-1)) : " lost");
            if (!recovered) lose(streams[std::string(at.name())], head);
        }
        return line;
    }

    static void lose(Stream &stream, proto::Position head) {
        if (stream.last && stream.last != head) stream.holes.push_back({*stream.last, head});
        stream.last = head;
    }
};

class ReaderFixture : public SessionFixture {
protected:
    using Lines = std::vector<std::string>;

    ReaderFixture() {
        settings->limits.rate_capacity = settings->limits.rate_refill = 1'000'000;
        limit_outbound(26'000);
    }
    void limit_outbound(size_t bytes) {
        settings->limits.max_outbound = bytes;
        connection.limit = bytes;
    }
    // Another client, beside the one that open() has made.
    std::unique_ptr<net::MessageHandler> join(FakeConnection &other, const std::string &user) {
        const net::RequestHead head{
            "GET", "/wse", "", {{"host", "h"}, {"authorization", "Bearer token"}}};
        auto joined = gate->open(other, head);
        auth.answer(module::Identity{user, "", 0});
        joined->on_text(R"({"t":"client_hello","p":{}})");
        other.sent.clear();
        return joined;
    }
    // `more` goes on after the topics: members with a comma in front.
    void subscribe(const std::string &topics, const std::string &more = "") {
        say(request("subscribe", topics, more));
    }
    void unsubscribe(const std::string &topics) { say(request("unsubscribe", topics, "")); }
    // `topics` as in JSON, without the brackets; a single one without quotes, too.
    static std::string request(const std::string &action, const std::string &topics,
                               const std::string &more) {
        const std::string quote = topics.starts_with('"') ? "" : "\"";
        return R"({"t":"subscription_update","p":{"action":")" + action + R"(","topics":[)" +
               quote + topics + quote + "]" + more + "}}";
    }
    static std::string recover(const std::string &topic, proto::Position from) {
        return R"(,"recover":true,"recovery":{)" + place(topic, from) + "}";
    }
    static std::string place(const std::string &topic, proto::Position at) {
        return '"' + topic + R"(":{"epoch":")" + proto::epoch_text(at.epoch) + R"(","offset":)" +
               std::to_string(at.offset) + "}";
    }
    proto::Position head(const std::string &topic) const {
        const auto row = core.row(topic);
        return row ? row->head : proto::Position{};
    }
    // Numbered from 1 on, each of about that size.
    void publish_many(const std::string &topic, int count, size_t bytes = 0) {
        for (int i = 0; i < count; ++i) {
            publish(topic, R"({"n":)" + std::to_string(++published[topic]) + R"(,"x":")" +
                               std::string(bytes, 'x') + R"("})");
        }
    }
    // What the client has read since the last call.
    Lines lines() {
        Lines all;
        for (const auto &document : replies()) all.push_back(reader.read(document.root()));
        return all;
    }
    Stream &stream(const std::string &topic) { return reader.streams[topic]; }
    static std::vector<uint64_t> numbers(uint64_t first, uint64_t last) {
        std::vector<uint64_t> all;
        for (uint64_t n = first; n <= last; ++n) all.push_back(n);
        return all;
    }
    // A client that reads nothing, with its queue in the socket as full as it gets.
    void stall() {
        connection.stalled = true;
        connection.queued = settings->limits.max_outbound / 2;
    }

    Reader reader;
    std::map<std::string, int> published;
};

}  // namespace wse::test
