// SPDX-License-Identifier: MIT
#include "server/ask_broker.h"

#include <optional>
#include <unordered_map>
#include <utility>

#include "base/assert.h"
#include "base/log.h"

namespace wse::server {
namespace {

const char *name_of(module::About about) {
    switch (about) {
        case module::About::kConnect:
            return "connect";
        case module::About::kSubscribe:
            return "subscribe";
        case module::About::kPublish:
            return "publish";
        case module::About::kSnapshot:
            return "snapshot";
    }
    return "?";
}

}  // namespace

// A question on its way between threads.
struct AskBroker::Told {
    explicit Told(const module::AppQuestion &question)
        : about(question.about),
          connection(question.connection),
          user(question.user),
          topic(question.topic),
          type(question.type),
          data(question.data),
          peer_ip(question.peer_ip),
          listener(question.listener),
          source(question.source),
          deadline_ms(question.deadline_ms) {}

    size_t bytes() const { return user.size() + topic.size() + type.size() + data.size(); }
    module::AppQuestion question() const {
        return {about, connection, user, topic, type, data, peer_ip, listener, source, deadline_ms};
    }

    module::About about;
    std::string connection, user, topic, type, data, peer_ip, listener;
    module::Credential source;
    uint64_t deadline_ms;
};

// From one loop to one application. [loop]
class AskBroker::Way final : public module::Application {
public:
    Way(AskBroker &broker, Loop &loop, Counters &counters, module::Application &application)
        : broker_(broker), loop_(loop), counters_(counters), application_(application) {}

    const std::string &instance_name() const override { return application_.instance_name(); }
    std::unique_ptr<module::Pending> ask(const module::AppQuestion &question, Done done) override;
    // [any]
    void answer(uint64_t number, Result<module::Reply> reply);

private:
    class Asked;

    void note(module::About about, const std::string &topic, const Result<module::Reply> &reply);

    AskBroker &broker_;
    Loop &loop_;
    Counters &counters_;
    module::Application &application_;
    std::unordered_map<uint64_t, Asked *> waiting_;  // those that are out, by number
    uint64_t last_ = 0;
    size_t bytes_ = 0;  // of them
};

// One question that is out; its asker has it.
class AskBroker::Way::Asked final : public module::Pending {
public:
    Asked(Way &way, const module::AppQuestion &question, Done done)
        : way_(way),
          about_(question.about),
          topic_(question.topic),
          done_(std::move(done)),
          timer_([this] { time_is_up(); }) {}
    ~Asked() override {
        done_ = nullptr;
        give_up();
    }

    void send(Told told);
    // The answer is known, but may not come inside ask().
    void refuse(Error error) {
        refusal_ = std::move(error);
        way_.loop_.timers().schedule(timer_, 0);
    }
    void answered(Result<module::Reply> reply);

private:
    void time_is_up();
    bool leave();
    void give_up();

    Way &way_;
    const module::About about_;
    const std::string topic_;
    Done done_;
    uint64_t number_ = 0;  // 0: it is not out, or not any more
    size_t bytes_ = 0;
    std::optional<Error> refusal_;
    Timer timer_;
};

std::unique_ptr<module::Pending> AskBroker::Way::ask(const module::AppQuestion &question,
                                                     Done done) {
    WSE_ASSERT(loop_.on_thread(), "an application is asked outside the loop of the way to it");
    counters_.add(Counter::app_asked);
    auto asked = std::make_unique<Asked>(*this, question, std::move(done));
    Told told(question);
    const bool is_full = waiting_.size() >= broker_.limits_.questions ||
                         bytes_ + told.bytes() > broker_.limits_.bytes;
    if (is_full)
        asked->refuse({WSE_EAGAIN, "module " + instance_name() + " is asked too much at once"});
    else if (question.deadline_ms == 0)
        asked->refuse({WSE_ETIMEDOUT, "module " + instance_name() + " is asked too late"});
    else
        asked->send(std::move(told));
    return asked;
}

void AskBroker::Way::answer(uint64_t number, Result<module::Reply> reply) {
    loop_.post([this, number, reply = std::move(reply)]() mutable {
        const auto found = waiting_.find(number);
        // Nobody waits for it any more.
        if (found != waiting_.end()) found->second->answered(std::move(reply));
    });
}

void AskBroker::Way::note(module::About about, const std::string &topic,
                          const Result<module::Reply> &reply) {
    if (reply) return;
    const bool is_no = reply.error().status == WSE_EDENIED;
    counters_.add(is_no ? Counter::app_denied : Counter::app_unanswered);
    if (is_no) return;
    log::warn("server", "app.unanswered",
              {{"module", instance_name()},
               {"question", name_of(about)},
               {"topic", topic},
               {"error", reply.error().text}});
}

void AskBroker::Way::Asked::send(Told told) {
    number_ = ++way_.last_;
    bytes_ = told.bytes();
    way_.waiting_.emplace(number_, this);
    way_.bytes_ += bytes_;
    way_.loop_.timers().schedule(timer_, told.deadline_ms);
    AskBroker &broker = way_.broker_;
    broker.service_.post([&broker, key = Key(&way_, number_), told = std::move(told)] {
        broker.take(key, key.first->application_, told);
    });
}

// The last call: `done` may destroy us.
void AskBroker::Way::Asked::answered(Result<module::Reply> reply) {
    leave();
    timer_.cancel();
    way_.note(about_, topic_, reply);
    const Done done = std::exchange(done_, nullptr);
    if (done) done(std::move(reply));
}

void AskBroker::Way::Asked::time_is_up() {
    if (refusal_) return answered(*refusal_);
    give_up();
    answered(Error{WSE_ETIMEDOUT, "module " + way_.instance_name() + " did not answer in time"});
}

bool AskBroker::Way::Asked::leave() {
    if (number_ == 0 || way_.waiting_.erase(number_) == 0) return false;
    way_.bytes_ -= bytes_;
    return true;
}

// Nobody waits any more, of which the application hears.
void AskBroker::Way::Asked::give_up() {
    if (!leave()) return;
    AskBroker &broker = way_.broker_;
    broker.service_.post([&broker, key = Key(&way_, number_)] { broker.under_way_.erase(key); });
}

AskBroker::AskBroker(Loop &service, const Limits &limits) : service_(service), limits_(limits) {}

AskBroker::~AskBroker() = default;

void AskBroker::add(std::unique_ptr<module::Application> application) {
    std::string name = application->instance_name();
    applications_.insert_or_assign(std::move(name), std::move(application));
}

module::Application &AskBroker::way_from(Loop &loop, Counters &counters, const std::string &name) {
    const auto found = applications_.find(name);
    // wsed checks at the start that this does not happen.
    WSE_ASSERT(found != applications_.end(), "a way to an application that is none");
    ways_.push_back(std::make_unique<Way>(*this, loop, counters, *found->second));
    return *ways_.back();
}

void AskBroker::stop() {
    stopped_ = true;
    under_way_.clear();
}

void AskBroker::take(const Key &key, module::Application &application, const Told &told) {
    if (stopped_) return;
    under_way_[key] = application.ask(
        told.question(), [this, key](Result<module::Reply> reply) { land(key, std::move(reply)); });
}

void AskBroker::land(const Key &key, Result<module::Reply> reply) {
    const auto landed = under_way_.extract(key);
    key.first->answer(key.second, std::move(reply));
}

}  // namespace wse::server
