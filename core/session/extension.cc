// SPDX-License-Identifier: MIT
#include "session/extension.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/json_scan.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "net/frame.h"
#include "net/head.h"

namespace wse::session {
namespace {

// {"parameters":{"client_max_window_bits":true,"server_max_window_bits":"10"}}; empty when a name
// stands twice, which an object cannot say and no extension allows.
std::string offer_json(const net::ExtensionOffer &offer) {
    JsonWriter json;
    json.begin_object().key("parameters").begin_object();
    for (const auto &parameter : offer.parameters) {
        const auto same_name = [&](const auto &other) { return other.name == parameter.name; };
        if (std::count_if(offer.parameters.begin(), offer.parameters.end(), same_name) > 1)
            return {};
        json.key(parameter.name);
        parameter.value ? json.string(*parameter.value) : json.boolean(true);
    }
    json.end_object().end_object();
    return json.take();
}

// A parameter of the reply as the header says it; empty when it is nothing that can stand there.
// No token has an escape in JSON.
std::string parameter_text(const JsonMember &member) {
    if (!net::is_token(member.name)) return {};
    std::string text = "; " + std::string(member.name);
    std::string_view value = member.value;
    if (value == "true") return text;
    if (value.size() >= 2 && value.front() == '"') value = value.substr(1, value.size() - 2);
    return net::is_token(value) ? text.append("=").append(value) : std::string();
}

// The header's value of what the module has agreed to.
Result<std::string> answer_of(std::string_view name, std::string_view reply) {
    std::string answer(name);
    const std::string_view parameters = find_json_member(reply, "parameters");
    if (parameters.empty()) return answer;
    std::vector<JsonMember> members;
    if (auto scanned = scan_json_object(parameters, members); !scanned) return scanned.error();
    for (const JsonMember &member : members) {
        const std::string text = parameter_text(member);
        if (text.empty()) return Error{WSE_EIO, "a parameter of the reply is no token"};
        answer += text;
    }
    return answer;
}

}  // namespace

class ExtensionDesk::Agreed final : public net::Extension {
public:
    Agreed(ExtensionDesk &desk, std::unique_ptr<module::TransformState> state, std::string answer)
        : desk_(desk), state_(std::move(state)), answer_(std::move(answer)) {
        if (state_->share() != 0) ++desk_.shared_[state_->share()].users;
    }
    ~Agreed() override {
        if (state_->share() == 0) return;
        const auto shared = desk_.shared_.find(state_->share());
        if (--shared->second.users == 0) desk_.shared_.erase(shared);
    }

    std::string answer() const override { return answer_; }

    net::FrameRef encode(const net::FrameRef &frame) override {
        if (state_->share() == 0) return encode_anew(frame);
        Shared &shared = desk_.shared_[state_->share()];
        if (shared.plain.get() != frame.get()) shared = {shared.users, frame, encode_anew(frame)};
        return shared.encoded;
    }

    int32_t decode(std::string_view payload, size_t limit, std::string &out) override {
        return state_->decode(payload, limit, out);
    }

private:
    // What does not become smaller, or cannot be encoded now, goes out as it is.
    net::FrameRef encode_anew(const net::FrameRef &frame) {
        const std::string_view payload = frame->payload();
        std::string encoded;
        const int32_t status = state_->encode(payload, payload.size(), encoded);
        return status == WSE_OK ? net::make_encoded_frame(frame->opcode(), encoded) : frame;
    }

    ExtensionDesk &desk_;
    std::unique_ptr<module::TransformState> state_;
    const std::string answer_;
};

std::unique_ptr<net::Extension> ExtensionDesk::open(
    const std::vector<net::ExtensionOffer> &offers) {
    for (const net::ExtensionOffer &offer : offers) {
        if (offer.name != transform_->extension()) continue;
        if (auto extension = open_one(offer)) return extension;
    }
    return nullptr;
}

std::unique_ptr<net::Extension> ExtensionDesk::open_one(const net::ExtensionOffer &offer) {
    const std::string json = offer_json(offer);
    if (json.empty()) return nullptr;
    auto state = transform_->open(json);
    Result<std::string> answer =
        state ? answer_of(offer.name, (*state)->reply()) : Result<std::string>(state.error());
    if (answer) return std::make_unique<Agreed>(*this, std::move(*state), std::move(*answer));
    const wse_status status = answer.error().status;
    // The client's next offer may do; a module that fails is looked after, without its extension.
    if (status != WSE_EDENIED && status != WSE_EINVAL)
        log::warn("session", "extension.failed",
                  {{"module", transform_->instance_name()}, {"error", answer.error().text}});
    return nullptr;
}

}  // namespace wse::session
