// SPDX-License-Identifier: MIT
// AskBroker: takes what sessions ask applications from their loops to the service loop, where the
// applications are, and the answers back. Each loop has a way of its own to each application, with
// bounds on what is under way there. The deadline is kept on the loop that asks: a service loop
// that is held up by a module does not hold up anybody's answer beyond it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/counters.h"
#include "loop/loop.h"
#include "module/application.h"

namespace wse::server {

class AskBroker {
public:
    // Of one way. Beyond them an asker is told WSE_EAGAIN.
    struct Limits {
        size_t questions = 65'536;
        size_t bytes = size_t{64} << 20;  // of what they tell the application
    };

    // `service` outlives it.
    AskBroker(Loop &service, const Limits &limits);
    ~AskBroker();
    AskBroker(const AskBroker &) = delete;
    AskBroker &operator=(const AskBroker &) = delete;

    // [main] Before anybody asks.
    void add(std::unique_ptr<module::Application> application);
    // [main] Before anybody asks: what `loop` asks the application of that name through, which has
    // been added. To be used on `loop`; lives as long as the broker. All outlive it.
    module::Application &way_from(Loop &loop, Counters &counters, const std::string &name);
    // [service loop] Nobody is answered any more, and no application asked. Before the modules
    // stop.
    void stop();

private:
    class Way;
    struct Told;
    // By the way and its number of the question.
    using Key = std::pair<Way *, uint64_t>;

    void take(const Key &key, module::Application &application, const Told &told);
    void land(const Key &key, Result<module::Reply> reply);

    Loop &service_;
    const Limits limits_;
    std::map<std::string, std::unique_ptr<module::Application>, std::less<>> applications_;
    std::vector<std::unique_ptr<Way>> ways_;
    std::map<Key, std::unique_ptr<module::Pending>> under_way_;  // [service loop], as what follows
    bool stopped_ = false;
};

}  // namespace wse::server
