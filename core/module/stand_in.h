// SPDX-License-Identifier: MIT
// An application in the place of a module of another kind: it judges credentials, or has the state
// behind topics. [loop]
#pragma once

#include <memory>
#include <string>

#include "module/application.h"
#include "module/auth.h"
#include "module/snapshot_source.h"

namespace wse::module {

// Only WSE_EDENIED is a verdict on the credential. Whatever else is wrong, an unsound reply among
// it, means that the application cannot tell. It has no word on single topics here.
class AppAuthenticator final : public Authenticator {
public:
    // `application` outlives it.
    explicit AppAuthenticator(Application &application) : application_(application) {}

    const std::string &instance_name() const override { return application_.instance_name(); }
    std::unique_ptr<Pending> authenticate(const AuthRequest &request, Done done) override;
    bool authorize(const Identity & /*who*/, Action /*action*/,
                   std::string_view /*topic*/) override {
        return true;
    }

private:
    Application &application_;
};

class AppSnapshotSource final : public SnapshotSource {
public:
    // More bytes of a state than `limit` are WSE_ETOOBIG.
    AppSnapshotSource(std::unique_ptr<Application> application, uint64_t limit)
        : application_(std::move(application)), limit_(limit) {}

    const std::string &instance_name() const override { return application_->instance_name(); }
    // An application knows for whom it answers, so nobody else gets what it says.
    bool per_user() const override { return true; }
    std::unique_ptr<Pending> request(const SnapshotRequest &request, Done done) override;

private:
    const std::unique_ptr<Application> application_;
    const uint64_t limit_;
};

}  // namespace wse::module
