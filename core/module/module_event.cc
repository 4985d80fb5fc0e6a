// SPDX-License-Identifier: MIT
#include "module/module_event.h"

#include "base/assert.h"
#include "module/bytes.h"
#include "module/call.h"
#include "module/error.h"

namespace wse::module {
namespace {

wse_message message_of(const Event &event) {
    return {
        .struct_size = sizeof(wse_message),
        .priority = event.priority,
        .topic = to_bytes(event.topic),
        .type = to_bytes(event.type),
        .id = to_bytes(event.id),
        .payload = to_bytes(event.payload),
        .extra = to_bytes(event.extra),
        .time_ms = event.time_ms,
        .epoch = event.epoch,
        .offset = event.offset,
    };
}

}  // namespace

bool ModuleShaper::is_offered_by(const Instance &instance) {
    return instance.descriptor().event.shape != nullptr;
}

int32_t ModuleShaper::shape(const Event &event, Source source, std::string_view user,
                            uint64_t now_ms, Shaping &shaping) {
    WSE_ASSERT(side_.loop().on_thread(), "an event is shaped outside the loop of its shaper");
    // Another module may publish while this one has stopped already.
    if (side_.stopping()) return WSE_EAGAIN;
    const wse_message message = message_of(event);
    const wse_event abi = {
        .struct_size = sizeof abi,
        .source = static_cast<uint32_t>(source),
        .message = &message,
        .user = to_bytes(user),
        .now_ms = now_ms,
    };
    const Call call(side_, "shape");
    return instance_.descriptor().event.shape(instance_.self(), side_.abi(), &abi, shaping.abi());
}

bool ModuleFilters::is_offered_by(const Instance &instance) {
    return instance.descriptor().event.compile != nullptr;
}

Result<void *> ModuleFilters::compile(std::string_view criteria) {
    WSE_ASSERT(side_.loop().on_thread(), "a filter is compiled outside the loop of its module");
    if (side_.stopping()) return Error{WSE_EAGAIN, "the server is going away"};
    wse_error error = empty_error();
    void *filter = nullptr;
    const Call call(side_, "compile");
    const int32_t status = ops_.compile(self_, side_.abi(), to_bytes(criteria), &filter, &error);
    if (status != WSE_OK) return Error{WSE_EINVAL, "filter: " + sentence(error, status)};
    return filter;
}

void ModuleFilters::discard(void *filter) {
    const Call call(side_, "discard");
    ops_.discard(self_, side_.abi(), filter);
}

Result<void *> ModuleFilters::read(const Event &event) {
    if (side_.stopping()) return Error{WSE_EAGAIN, "the module has stopped"};
    const wse_message message = message_of(event);
    void *view = nullptr;
    const Call call(side_, "read");
    if (ops_.read(self_, side_.abi(), &message, &view) != WSE_OK)
        return Error{WSE_EIO, "the module cannot read the message"};
    return view;
}

bool ModuleFilters::match(const void *filter, const void *view) {
    const Call call(side_, "match");
    return ops_.match(self_, filter, view) == 1;
}

void ModuleFilters::close(void *view) {
    const Call call(side_, "close");
    ops_.close(self_, side_.abi(), view);
}

}  // namespace wse::module
