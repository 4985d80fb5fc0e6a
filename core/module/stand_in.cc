// SPDX-License-Identifier: MIT
#include "module/stand_in.h"

#include <utility>
#include <vector>

#include "base/json_scan.h"
#include "base/log.h"

namespace wse::module {
namespace {

Error unsound(const std::string &instance, wse_status status, const std::string &fault) {
    log::warn("module", "module.answer_unsound", {{"module", instance}, {"fault", fault}});
    return Error{status, "module " + instance + " gave an unsound answer: " + fault};
}

// Statuses by which a session sees that nothing was said about the credential.
wse_status without_a_verdict(wse_status status) {
    const bool known = status == WSE_ETIMEDOUT || status == WSE_EAGAIN || status == WSE_ECANCELED;
    return known ? status : WSE_EIO;
}

Result<Identity> identity_of(const std::string &instance, Result<Reply> reply) {
    if (!reply) {
        const Error &error = reply.error();
        if (error.status == WSE_EDENIED) return error;
        return Error{without_a_verdict(error.status), error.text};
    }
    if (reply->user.empty()) return unsound(instance, WSE_EIO, "user is empty");
    std::vector<JsonMember> members;
    if (reply->data.size() > kMaxClaimsLength)
        return unsound(instance, WSE_EIO,
                       "claims have " + std::to_string(reply->data.size()) +
                           " bytes, the limit is " + std::to_string(kMaxClaimsLength));
    if (!reply->data.empty() && !scan_json_object(reply->data, members))
        return unsound(instance, WSE_EIO, "claims are not a JSON object");
    return Identity{std::move(reply->user), std::move(reply->data), reply->expires_ms};
}

Result<Snapshot> state_of(const std::string &instance, Result<Reply> reply, uint64_t limit) {
    if (!reply) return reply.error();
    if (reply->data.empty()) return unsound(instance, WSE_EIO, "data is empty");
    if (reply->data.size() > limit)
        return unsound(instance, WSE_ETOOBIG,
                       "data has " + std::to_string(reply->data.size()) + " bytes, the limit is " +
                           std::to_string(limit));
    return Snapshot{std::move(reply->data), {}, {}};
}

}  // namespace

std::unique_ptr<Pending> AppAuthenticator::authenticate(const AuthRequest &request, Done done) {
    return application_.ask({.about = About::kConnect,
                             .data = request.credential,
                             .peer_ip = request.peer_ip,
                             .listener = request.listener,
                             .source = request.source,
                             .deadline_ms = request.deadline_ms},
                            [this, done = std::move(done)](Result<Reply> reply) {
                                done(identity_of(instance_name(), std::move(reply)));
                            });
}

std::unique_ptr<Pending> AppSnapshotSource::request(const SnapshotRequest &request, Done done) {
    return application_->ask({.about = About::kSnapshot,
                              .user = request.user,
                              .topic = request.topic,
                              .data = request.params,
                              .deadline_ms = request.deadline_ms},
                             [this, done = std::move(done)](Result<Reply> reply) {
                                 done(state_of(instance_name(), std::move(reply), limit_));
                             });
}

}  // namespace wse::module
