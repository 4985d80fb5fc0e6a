// SPDX-License-Identifier: MIT
// What the files of operations share.
#pragma once

#include "server/api.h"

namespace wse::server {

void call_batch(Api &api, const admin::Args &args, const Ref<admin::Reply> &reply);
void call_broadcast(Api &api, const admin::Args &args, const Ref<admin::Reply> &reply);
void call_history(Api &api, const admin::Args &args, const Ref<admin::Reply> &reply);
void call_presence(Api &api, const admin::Args &args, const Ref<admin::Reply> &reply);

void call_connections(Api &api, const admin::Args &args, const Ref<admin::Reply> &reply);
void call_subscribe(Api &api, const admin::Args &args, const Ref<admin::Reply> &reply);
void call_unsubscribe(Api &api, const admin::Args &args, const Ref<admin::Reply> &reply);
void call_disconnect(Api &api, const admin::Args &args, const Ref<admin::Reply> &reply);
void call_acl(Api &api, const admin::Args &args, const Ref<admin::Reply> &reply);

}  // namespace wse::server
