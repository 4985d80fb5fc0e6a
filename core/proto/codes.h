// SPDX-License-Identifier: MIT
// Close codes and error codes on the wire. What clients do with each: docs/protocol.md.
#pragma once

#include <cstdint>
#include <string_view>

namespace wse::proto {

// RFC 6455 section 7.4.1 and our own range. A client that should come back never sees 1000, 1001 or
// an empty close frame (rule M4): clients take those for a farewell.
namespace close {
inline constexpr uint16_t kTooBig = 1009;
inline constexpr uint16_t kInternal = 1011;
inline constexpr uint16_t kRestart = 1012;   // come back, we are restarting
inline constexpr uint16_t kTryAgain = 1013;  // the auth module cannot tell for now
inline constexpr uint16_t kDrain = 4300;     // come back after a moment
inline constexpr uint16_t kProtocol = 4400;  // what a layer around messages cannot read or write
inline constexpr uint16_t kUnauthenticated = 4401;  // no token, a bad one, an expired one
inline constexpr uint16_t kForbidden = 4403;        // the application has closed it: stay away
inline constexpr uint16_t kIdle = 4408;
inline constexpr uint16_t kFlood = 4429;  // it went on sending far over a rate
inline constexpr uint16_t kSlowConsumer = 4430;
inline constexpr uint16_t kKilled = 4000;  // an operator closed it
}  // namespace close

// `p.code` of an error message.
namespace error {
inline constexpr std::string_view kAuthRequired = "AUTH_REQUIRED";
inline constexpr std::string_view kAuthFailed = "AUTH_FAILED";
inline constexpr std::string_view kInvalidMessage = "INVALID_MESSAGE";
inline constexpr std::string_view kInvalidAction = "INVALID_ACTION";
inline constexpr std::string_view kUnknownType = "UNKNOWN_TYPE";
inline constexpr std::string_view kNotAllowed = "NOT_ALLOWED";
inline constexpr std::string_view kTooLarge = "MESSAGE_TOO_LARGE";
inline constexpr std::string_view kUnavailable = "UNAVAILABLE";
inline constexpr std::string_view kEventRefused = "EVENT_REFUSED";
inline constexpr std::string_view kSnapshotUnavailable = "SNAPSHOT_UNAVAILABLE";
inline constexpr std::string_view kKeyExchangeFailed = "KEY_EXCHANGE_FAILED";
inline constexpr std::string_view kEncryptionRequired = "ENCRYPTION_REQUIRED";
inline constexpr std::string_view kSignatureRequired = "SIGNATURE_REQUIRED";
inline constexpr std::string_view kSignatureInvalid = "SIGNATURE_INVALID";
inline constexpr std::string_view kBackendBusy = "BACKEND_BUSY";
inline constexpr std::string_view kRateLimited = "RATE_LIMITED";
}  // namespace error

}  // namespace wse::proto
