// SPDX-License-Identifier: MIT
// snapshot_file: the state behind a topic is a file of JSON.
#include <string>

#include <wse/module.h>

#include "abi/module_class.h"
#include "file.h"
#include "instance.h"
#include "name.h"
#include "options.h"
#include "snapshot/state.h"

namespace wse::snapshot_file {
namespace {

const wse_option kOptions[] = {
    {"directory", WSE_OPT_STRING, WSE_OPT_F_REQUIRED, offsetof(Config, directory), 0, 0, nullptr,
     nullptr, nullptr, "where the files are, one for each topic"},
    {"suffix", WSE_OPT_STRING, 0, offsetof(Config, suffix), 0, 0, ".json", nullptr, nullptr,
     "how the names of the files end"},
    {"limit", WSE_OPT_SIZE, 0, offsetof(Config, limit), 1024, 8 << 20, "256k", nullptr, nullptr,
     "size of a file; what is larger is not read"},
    {"cache", WSE_OPT_SIZE, 0, offsetof(Config, cache), 0, 1 << 30, "16m", nullptr, nullptr,
     "size of all files that are held in memory"},
    {"check_interval", WSE_OPT_DURATION, 0, offsetof(Config, check_interval_ms), 0, 3'600'000, "1s",
     nullptr, nullptr, "how long a file in memory is believed without a look at the disk"},
    {"type", WSE_OPT_STRING, 0, offsetof(Config, type), 0, 0, nullptr, nullptr, nullptr,
     "type of the message that carries it"},
    {nullptr, 0, 0, 0, 0, 0, nullptr, nullptr, nullptr, nullptr},
};

int32_t check(const void *config, wse_error *error) noexcept {
    return abi::guarded([&] {
        const Config &given = *static_cast<const Config *>(config);
        std::string problem = directory_problem(given.directory);
        if (problem.empty()) problem = suffix_problem(given.suffix);
        if (problem.empty()) problem = snapshot::type_problem(given.type);
        return abi::report(problem, error);
    });
}

int32_t request(void *self, wse_loop *loop, const wse_snapshot_request *request,
                wse_snapshot_token *token) noexcept {
    return abi::guarded(
        [&] { return static_cast<Instance *>(self)->request(loop, *request, token); });
}

// A file is the same for everybody; and a disk that hangs holds its worker whoever waits for it.
const wse_snapshot_ops kOps = {sizeof kOps, 0, request, nullptr, nullptr};

using Class = abi::Lifecycle<Instance, Config>;

}  // namespace
}  // namespace wse::snapshot_file

const wse_module_def wse_module = {
    WSE_MODULE(WSE_KIND_SNAPSHOT, 0),
    "snapshot_file",
    "1.0",
    wse::snapshot_file::kOptions,
    sizeof(wse_option),
    sizeof(wse::snapshot_file::Config),
    &wse::snapshot_file::kOps,
    wse::snapshot_file::check,
    wse::snapshot_file::Class::create,
    wse::snapshot_file::Class::start,
    wse::snapshot_file::Class::stop,
    wse::snapshot_file::Class::destroy,
};
