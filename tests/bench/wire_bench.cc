// SPDX-License-Identifier: MIT
// One message of 1 KiB for a thousand sessions of a loop, in each form that modules make: from the
// hub's message to the frames that would be written.
#include <deque>
#include <fstream>

#include "base/assert.h"
#include "bench/bench.h"
#include "bench/scene.h"
#include "config/load.h"
#include "module/module_transform.h"
#include "module/set.h"
#include "session/fanout.h"
#include "session/wire.h"

namespace wse::bench {
namespace {

constexpr size_t kSessions = 1000;
constexpr uint64_t kMessages = 100;
constexpr size_t kBytes = 1024;
// The generator of the curve does as the key of a client that is not there.
constexpr const char *kOffer =
    R"({"query":{"compression":"true","format":"msgpack"},"hello":{"features":{"encryption":true},)"
    R"("encryption_public_key":)"
    R"("BGsX0fLhLEJH+Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT+NC4v4af5uO5+tKfA+eFivOM1drMV7Oy7ZAaDe/UfU="}})";

// One module on a loop without a thread.
class LoadedModule {
public:
    explicit LoadedModule(const std::string &name) : loop_("bench", clock_) {
        const ScratchDirectory directory;
        const std::string path = directory.path() + "/wse.toml";
        std::ofstream(path) << "[listen.main]\naddress = \"127.0.0.1:0\"\nanonymous = true\n"
                            << "[module." << name << "]\n";
        config::Diagnostics problems;
        const config::Loaded loaded = config::load(
            {.path = path, .overrides = {}, .module_dir = WSE_MODULES_DIR, .getenv = {}}, problems);
        modules_ = module::ModuleSet::load(loaded, problems);
        const bool runs = modules_->create({.clock = clock_, .loops = {{&loop_, &counters_}}},
                                           loaded, problems) &&
                          modules_->start();
        WSE_ASSERT(runs, "a module does not start for a benchmark");
    }
    session::Transforms transforms() {
        session::Transforms one;
        for (module::Instance *instance : modules_->all())
            one.push_back(std::make_unique<module::ModuleTransform>(*instance, 0));
        return one;
    }

private:
    const SystemClock clock_;
    Loop loop_;
    Counters counters_;
    std::unique_ptr<module::ModuleSet> modules_;
};

class Receiver final : public session::Subscriber {
public:
    Receiver(const session::Transforms &transforms, session::VariantCache &variants)
        : wire(transforms, variants, proto::Dialect::kCurrent) {
        wire.open(kOffer, true);
        subscription.subscriber = this;
    }
    bool deliver(const proto::MessageRef &, const net::FrameRef &frame, bool) override {
        last = wire.encode(frame);
        return true;
    }
    void on_overflow() override {}

    session::Wire wire;
    net::FrameRef last;  // what a socket does at least: hold on to it
    session::Subscription subscription;
};

class WireRound final : public Round {
public:
    explicit WireRound(const std::string &module)
        : message_(new proto::Message(
              {publication_of("room:7", payload_of(kBytes)).publication, {1, 1}, 1, 1},
              {.stamped = true, .slow = proto::Slow::kPause})) {
        if (!module.empty()) {
            module_ = std::make_unique<LoadedModule>(module);
            transforms_ = module_->transforms();
        }
        for (size_t i = 0; i < kSessions; ++i)
            fanout_.add("room:7", receivers_.emplace_back(transforms_, variants_).subscription);
    }
    ~WireRound() override {
        for (auto &receiver : receivers_) fanout_.remove(receiver.subscription);
        receivers_.clear();
        transforms_.clear();
    }
    uint64_t run(Stopwatch &watch) override {
        watch.start();
        for (uint64_t i = 0; i < kMessages; ++i) fanout_.deliver(message_);
        watch.stop();
        return kMessages * kSessions;
    }

private:
    const proto::MessageRef message_;
    std::unique_ptr<LoadedModule> module_;
    session::Transforms transforms_;
    session::VariantCache variants_;
    session::Fanout fanout_;
    std::deque<Receiver> receivers_;
};

}  // namespace

void add_wire_cases(std::vector<Case> &cases) {
    for (const char *module : {"", "compress_zlib", "codec_msgpack", "encrypt_aesgcm"}) {
        const std::string name = *module ? module : "text";
        cases.push_back({"wire/" + name + "/1024", "deliveries", 0,
                         [module] { return std::make_unique<WireRound>(module); }});
    }
}

}  // namespace wse::bench
