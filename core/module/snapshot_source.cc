// SPDX-License-Identifier: MIT
#include "module/snapshot_source.h"

#include <utility>

#include "module/bytes.h"
#include "module/question.h"

namespace wse::module {

ModuleSnapshotSource::ModuleSnapshotSource(Instance &instance)
    : host_(instance.host()),
      side_(instance.host().side(0)),
      ops_(instance.descriptor().snapshot),
      self_(instance.self()),
      per_user_(ops_.per_user && ops_.per_user(self_) == 1) {}

std::unique_ptr<Pending> ModuleSnapshotSource::request(const SnapshotRequest &request, Done done) {
    const auto call = [&](TokenId token) {
        const wse_snapshot_request abi = {
            .struct_size = sizeof abi,
            .reserved = 0,
            .topic = to_bytes(request.topic),
            .user = to_bytes(per_user_ ? request.user : std::string_view()),
            .params = to_bytes(request.params),
            .epoch = request.position.epoch,
            .offset = request.position.offset,
            .deadline_ms = request.deadline_ms,
        };
        return ops_.request(self_, side_.abi(), &abi, abi_token<wse_snapshot_token>(token));
    };
    const auto cancel = [this](TokenId token) {
        if (ops_.cancel) ops_.cancel(self_, side_.abi(), abi_token<wse_snapshot_token>(token));
    };
    return Question::ask(host_, side_, request.deadline_ms, call, cancel,
                         [done = std::move(done)](Result<Answer> answer) {
                             done(answer_as<Snapshot>(std::move(answer)));
                         });
}

}  // namespace wse::module
