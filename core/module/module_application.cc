// SPDX-License-Identifier: MIT
#include "module/module_application.h"

#include <utility>

#include "module/bytes.h"
#include "module/question.h"

namespace wse::module {

ModuleApplication::ModuleApplication(Instance &instance)
    : host_(instance.host()),
      side_(instance.host().side(0)),
      ops_(instance.descriptor().app),
      self_(instance.self()) {}

std::unique_ptr<Pending> ModuleApplication::ask(const AppQuestion &question, Done done) {
    const auto call = [&](TokenId token) {
        const wse_question abi = {
            .struct_size = sizeof abi,
            .question = static_cast<uint32_t>(question.about),
            .connection = to_bytes(question.connection),
            .user = to_bytes(question.user),
            .topic = to_bytes(question.topic),
            .type = to_bytes(question.type),
            .data = to_bytes(question.data),
            .peer = to_bytes(question.peer_ip),
            .listener = to_bytes(question.listener),
            .source = static_cast<uint32_t>(question.source),
            .reserved = 0,
            .deadline_ms = question.deadline_ms,
        };
        return ops_.ask(self_, side_.abi(), &abi, abi_token<wse_ask_token>(token));
    };
    const auto cancel = [this](TokenId token) {
        if (ops_.cancel) ops_.cancel(self_, side_.abi(), abi_token<wse_ask_token>(token));
    };
    return Question::ask(
        host_, side_, question.deadline_ms, call, cancel,
        [done = std::move(done)](Result<Answer> answer) {
            done(answer_as<Reply>(std::move(answer)));
        },
        "ask");
}

}  // namespace wse::module
