// SPDX-License-Identifier: MIT
#include "direct.h"

#include <algorithm>

#include "base/json_scan.h"
#include "questions.h"

namespace wse::check {
namespace {

constexpr char kUntouched = '\x5a';
constexpr size_t kRoom = size_t{4} << 20;
constexpr const char *kMessage =
    R"({"t":"order","p":{"n":1,"of":[true,null,-2.5],"é":"\u20ac\n"}})";

// A call that fills a buffer: the result, and whether it kept to what it had.
struct Filled {
    int32_t status = WSE_OK;
    std::string bytes;
};

template <class Function>
Filled fill(Play &play, const char *function, size_t room, const Function &what) {
    constexpr size_t kGuard = 64;
    std::string buffer(room + kGuard, kUntouched);
    uint64_t size = room;
    Filled filled;
    filled.status = play.call(function, [&] { return what(buffer.data(), &size); });
    const std::string name = function;
    const auto touched = [](char c) { return c != kUntouched; };
    if (std::any_of(buffer.begin() + static_cast<ptrdiff_t>(room), buffer.end(), touched))
        play.notes().find(name + " writes behind the end of the buffer");
    if (filled.status != WSE_OK) return filled;
    if (size > room) {
        play.notes().find(name + " says that it wrote more than there was room for");
        size = room;
    }
    filled.bytes = buffer.substr(0, size);
    return filled;
}

// An object of so many bytes.
std::string json_of(size_t size) {
    constexpr std::string_view kFrame = R"({"p":""})";
    return R"({"p":")" + std::string(size - kFrame.size(), 'b') + R"("})";
}

std::vector<std::string> payloads() {
    std::string mixed;
    uint32_t state = 1;
    for (int i = 0; i < 70000; ++i) {
        state = state * 1664525 + 1013904223;
        mixed += static_cast<char>(state >> 24);
    }
    return {R"({"t":"order","p":{"n":1}})", "",    "a",
            std::string(100000, 'a'),       mixed, json_of(100000)};
}

class TransformPlay {
public:
    explicit TransformPlay(Play &play) : play_(play), ops_(play.subject().descriptor().transform) {}

    void run() {
        void *state = nullptr;
        if (!open(offer(), state)) {
            if (!play_.subject().offer.empty()) play_.notes().find("open does not take the offer");
            return;
        }
        for (const std::string &payload : payloads()) round_trip(state, state, payload);
        with_too_little_room(state);
        decode_nonsense(state);
        if (ops_.save) hand_over(state);
        sign(state);
        if (ops_.rekey) next_key(state);
        close(state);
        for (const Odd &odd : odd_objects()) {
            if (void *other = nullptr; open(odd.text, other)) close(other);
        }
    }

    void use() {
        void *state = nullptr;
        if (!open(offer(), state)) return;
        const Filled coded = encode(state, kMessage, kLittleRoom);
        decode(state, coded.bytes, kLittleRoom);
        if (ops_.rekey) rekey(state, hello());
        const Filled saved = ops_.save ? save(state, kLittleRoom) : Filled{};
        void *restored = nullptr;
        if (ops_.save && restore(saved.bytes, restored) == WSE_OK && restored) close(restored);
        close(state);
    }

private:
    static constexpr size_t kLittleRoom = 65536;

    bool is_cipher() const { return ops_.layer == WSE_LAYER_CIPHER; }

    std::string offer() const {
        const std::string &given = play_.subject().offer;
        if (!given.empty()) return given;
        return ops_.layer == WSE_LAYER_EXTENSION ? R"({"parameters":{}})"
                                                 : R"({"query":{},"hello":{}})";
    }
    // For a cipher's next key: its client gives a key as it did at first.
    std::string hello() const {
        const std::string whole = offer();
        return std::string(find_json_member(whole, "hello"));
    }

    // False when it is not for this client.
    bool open(const std::string &offer, void *&state) {
        uint64_t share = 0;
        const Filled reply = fill(play_, "open", 4096, [&](void *out, uint64_t *size) {
            return ops_.open(play_.self(), play_.loop(), bytes_of(offer), out, size, &share,
                             &state);
        });
        if (reply.status != WSE_OK) return false;
        if (!reply.bytes.empty() && (reply.bytes[0] != '{' || !check_json(reply.bytes)))
            play_.notes().find("open replies with what is no JSON object");
        if (!state && is_cipher()) play_.notes().find("open returns WSE_OK without a state");
        return true;
    }

    void close(void *state) {
        play_.call("close", [&] { ops_.close(play_.self(), play_.loop(), state); });
    }
    Filled encode(void *state, const std::string &in, size_t room) {
        return fill(play_, "encode", room, [&](void *out, uint64_t *size) {
            return ops_.encode(play_.self(), play_.loop(), state, bytes_of(in), out, size);
        });
    }
    Filled decode(void *state, const std::string &in, size_t room) {
        return fill(play_, "decode", room, [&](void *out, uint64_t *size) {
            return ops_.decode(play_.self(), play_.loop(), state, bytes_of(in), out, size);
        });
    }

    Filled save(void *state, size_t room) {
        return fill(play_, "save", room, [&](void *out, uint64_t *size) {
            return ops_.save(play_.self(), state, out, size);
        });
    }
    int32_t restore(const std::string &saved, void *&state) {
        return play_.call("restore", [&] {
            return ops_.restore(play_.self(), play_.loop(), bytes_of(saved), &state);
        });
    }
    void rekey(void *state, const std::string &what) {
        const Filled reply = fill(play_, "rekey", 4096, [&](void *out, uint64_t *size) {
            return ops_.rekey(play_.self(), play_.loop(), state, bytes_of(what), out, size);
        });
        if (reply.status != WSE_OK) return;
        if (reply.bytes.empty() || reply.bytes[0] != '{' || !check_json(reply.bytes))
            play_.notes().find("rekey replies with what is no JSON object");
    }

    // What one side encodes the other may refuse: a cipher has a key for each direction. It must
    // not come out as something else.
    void round_trip(void *from, void *to, const std::string &payload) {
        const Filled coded = encode(from, payload, kRoom);
        if (coded.status == WSE_EDENIED && !is_cipher()) return;
        if (coded.status != WSE_OK)
            return play_.notes().find("encode fails for " + std::to_string(payload.size()) +
                                      " bytes: " + status_name(coded.status));
        const Filled plain = decode(to, coded.bytes, kRoom);
        if (plain.status == WSE_OK && plain.bytes != payload)
            play_.notes().find("decode gives other bytes than were encoded");
        if (plain.status != WSE_OK && !is_cipher())
            play_.notes().find("decode refuses what encode gave: " + status_name(plain.status));
    }

    void with_too_little_room(void *state) {
        const std::string payload = json_of(1000);
        for (const size_t room : {size_t{0}, size_t{1}}) {
            const Filled coded = encode(state, payload, room);
            if (coded.status == WSE_OK)
                play_.notes().find("encode puts 1000 bytes into a buffer of " +
                                   std::to_string(room));
            else if (coded.status != WSE_ETOOBIG && (coded.status != WSE_EDENIED || is_cipher()))
                play_.notes().find("encode with too little room gives " +
                                   status_name(coded.status) + ", not WSE_ETOOBIG");
        }
        const Filled coded = encode(state, payload, kRoom);
        if (coded.status != WSE_OK || is_cipher()) return;
        if (decode(state, coded.bytes, 10).status != WSE_ETOOBIG)
            play_.notes().find("decode with too little room does not give WSE_ETOOBIG");
        // A function that returns an error has changed nothing.
        round_trip(state, state, payload);
    }

    void decode_nonsense(void *state) {
        for (const Odd &odd : odd_texts()) decode(state, odd.text, kRoom);
    }

    void hand_over(void *state) {
        const Filled saved = save(state, kRoom);
        if (saved.status != WSE_OK)
            return play_.notes().find("save fails: " + status_name(saved.status));
        void *restored = nullptr;
        const int32_t status = restore(saved.bytes, restored);
        if (status != WSE_OK || !restored)
            return play_.notes().find("restore refuses what save gave: " + status_name(status));
        round_trip(state, restored, R"({"after":"the hand-over"})");
        close(restored);
        restore_nonsense();
    }

    void restore_nonsense() {
        for (const Odd &odd : odd_texts()) {
            void *state = nullptr;
            if (restore(odd.text, state) == WSE_OK && state) close(state);
        }
    }

    void sign(void *state) {
        if (!ops_.sign) return;
        const std::string text = "what is signed";
        const Filled signature = fill(play_, "sign", 4096, [&](void *out, uint64_t *size) {
            return ops_.sign(play_.self(), play_.loop(), state, bytes_of(text), out, size);
        });
        const std::string wrong = signature.bytes + "x";
        const int32_t status = play_.call("verify", [&] {
            return ops_.verify(play_.self(), play_.loop(), state, bytes_of(text), bytes_of(wrong));
        });
        if (status == WSE_OK) play_.notes().find("verify takes a wrong signature");
    }

    void next_key(void *state) {
        for (const Odd &odd : odd_objects()) rekey(state, odd.text);
        rekey(state, hello());
        for (int i = 0; i < 2; ++i) round_trip(state, state, kMessage);
    }

    Play &play_;
    const wse_transform_ops &ops_;
};

wse_message message_of(const Odd &topic, const Odd &payload) {
    wse_message message{};
    message.struct_size = sizeof message;
    message.priority = 5;
    message.topic = bytes_of(topic.text);
    message.payload = bytes_of(payload.text);
    message.time_ms = Play::kNowMs;
    return message;
}

void shape(Play &play, const wse_message &message) {
    const auto function = play.subject().descriptor().event.shape;
    if (!function) return;
    wse_event event{};
    event.struct_size = sizeof event;
    event.source = WSE_SOURCE_CLIENT;
    event.message = &message;
    event.now_ms = Play::kNowMs;
    wse_shaping *shaping = play.new_shaping();
    play.call("shape", [&] { return function(play.self(), play.loop(), &event, shaping); });
    shaping->closed = true;
    for (const char *object : {shaping->payload, shaping->extra})
        if (object && !check_json(object))
            play.notes().find("shape sets a payload or extra that is no JSON");
}

// All filters that the module compiles against all messages that it reads.
void filter(Play &play) {
    const auto &ops = play.subject().descriptor().event;
    std::vector<void *> filters;
    for (const Odd &odd : odd_objects()) {
        void *compiled = nullptr;
        wse_error error{};
        error.struct_size = sizeof error;
        const int32_t status = play.call("compile", [&] {
            return ops.compile(play.self(), play.loop(), bytes_of(odd.text), &compiled, &error);
        });
        if (status == WSE_OK) filters.push_back(compiled);
    }
    for (const Odd &odd : odd_objects()) {
        const wse_message message = message_of(odd_texts()[0], odd);
        void *view = nullptr;
        const int32_t status =
            play.call("read", [&] { return ops.read(play.self(), play.loop(), &message, &view); });
        if (status != WSE_OK) continue;
        for (const void *one : filters) {
            const int32_t matches =
                play.call("match", [&] { return ops.match(play.self(), one, view); });
            if (matches != 0 && matches != 1)
                play.notes().find("match returns " + std::to_string(matches) + ", not 0 or 1");
        }
        play.call("close", [&] { ops.close(play.self(), play.loop(), view); });
    }
    for (void *one : filters)
        play.call("discard", [&] { ops.discard(play.self(), play.loop(), one); });
}

void try_event(Play &play) {
    for (const Odd &odd : odd_texts()) shape(play, message_of(odd, odd_objects()[0]));
    for (const Odd &odd : odd_objects()) shape(play, message_of(odd_texts()[0], odd));
    if (play.subject().descriptor().event.compile) filter(play);
}

void try_observer(Play &play) {
    const auto &ops = play.subject().descriptor().observer;
    for (uint32_t event = WSE_OBSERVE_OPEN; event <= WSE_OBSERVE_PUBLISH; event *= 2) {
        if ((ops.mask & event) == 0) continue;
        for (const Odd &odd : odd_texts()) {
            wse_observation one{};
            one.struct_size = sizeof one;
            one.event = event;
            one.time_ms = Play::kNowMs;
            one.connection = one.user = one.peer = one.listener = bytes_of(odd.text);
            one.topic = one.detail = bytes_of(odd.text);
            play.call("observe", [&] { ops.observe(play.self(), play.loop(), &one); });
        }
    }
}

}  // namespace

void try_directly(Play &play) {
    switch (play.subject().def().kind) {
        case WSE_KIND_TRANSFORM:
            return TransformPlay(play).run();
        case WSE_KIND_EVENT:
            return try_event(play);
        case WSE_KIND_OBSERVER:
            return try_observer(play);
        default:
            return;
    }
}

void use_directly(Play &play) {
    if (play.subject().def().kind == WSE_KIND_TRANSFORM) TransformPlay(play).use();
}

}  // namespace wse::check
