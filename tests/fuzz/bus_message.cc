// SPDX-License-Identifier: MIT
// backplane_redis: events that a backend publishes. What is made of one is JSON again, and written
// as an event and read once more it is the same.
#include "backplane_redis/parts/bus_message.h"

#include "fuzz.h"
#include "json_text/json_text.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    using namespace wse::backplane_redis::parts;
    std::string problem;
    const auto message = read_event(wse::fuzz::text_of(data, size), problem);
    if (!message) {
        WSE_ASSERT(!problem.empty(), "an event is refused without a reason");
        return 0;
    }
    WSE_ASSERT(wse::json_text::is_json(message->payload), "a payload is no JSON");
    WSE_ASSERT(message->priority <= 10, "a priority is out of bounds");
    const auto again = read_event(event_of(*message), problem);
    WSE_ASSERT(again, "what was read is written as no event");
    WSE_ASSERT(again->type == message->type && again->id == message->id &&
                   again->payload == message->payload && again->priority == message->priority,
               "what was read is written as another event");
    return 0;
}
