// SPDX-License-Identifier: MIT
#include "module/authenticator.h"

#include <utility>

#include "base/assert.h"
#include "module/bytes.h"
#include "module/call.h"
#include "module/question.h"

namespace wse::module {

std::unique_ptr<Pending> ModuleAuthenticator::authenticate(const AuthRequest &request, Done done) {
    const auto call = [&](TokenId token) {
        const wse_auth_request abi = {
            .struct_size = sizeof abi,
            .source = static_cast<uint32_t>(request.source),
            .credential = to_bytes(request.credential),
            .peer = to_bytes(request.peer_ip),
            .listener = to_bytes(request.listener),
            .deadline_ms = request.deadline_ms,
            .subject = to_bytes(request.subject),
        };
        side_.set_asking(token, &request.header);
        const int32_t status =
            ops_.authenticate(self_, side_.abi(), &abi, abi_token<wse_auth_token>(token));
        side_.set_asking({}, nullptr);
        return status;
    };
    const auto cancel = [this](TokenId token) {
        if (ops_.cancel) ops_.cancel(self_, side_.abi(), abi_token<wse_auth_token>(token));
    };
    return Question::ask(
        host_, side_, request.deadline_ms, call, cancel,
        [done = std::move(done)](Result<Answer> answer) {
            done(answer_as<Identity>(std::move(answer)));
        },
        "authenticate");
}

bool ModuleAuthenticator::authorize(const Identity &who, Action action, std::string_view topic) {
    WSE_ASSERT(side_.loop().on_thread(), "authorize outside the loop of the authenticator");
    if (!ops_.authorize) return true;
    const wse_auth_result abi = {
        .struct_size = sizeof abi,
        .reserved = 0,
        .user = to_bytes(who.user),
        .claims = to_bytes(who.claims),
        .expires_ms = who.expires_ms,
    };
    const Call call(side_, "authorize");
    return ops_.authorize(self_, side_.abi(), &abi, static_cast<uint32_t>(action),
                          to_bytes(topic)) == WSE_OK;
}

}  // namespace wse::module
