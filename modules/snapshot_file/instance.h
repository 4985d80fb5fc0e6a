// SPDX-License-Identifier: MIT
// An instance of snapshot_file: questions on their way to the disk, and the files in memory.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <wse/module.h>

#include "cache/cache.h"
#include "file.h"
#include "options.h"
#include "watch.h"

namespace wse::snapshot_file {

class Instance {
public:
    Instance(const wse_host *host, const Config &config);

    std::string load();                                // [main]
    std::string start(wse_loop *loop);                 // [loop], as all that follows
    void stop(wse_loop *loop, wse_stop_token *token);  // waits for the disk
    int32_t request(wse_loop *loop, const wse_snapshot_request &request, wse_snapshot_token *token);

private:
    // A file in memory.
    struct Entry {
        FileRef file;
        uint64_t believed_until_ms = 0;  // of the loop's clock; 0: look at the disk first
    };
    // One look at the disk, whoever asked for the file meanwhile waits for it too.
    struct Look {
        Instance *instance;
        std::string name;
        // While it is under way they belong to the worker thread; found is null without memory.
        FileRef known, found;
        Stamp directory;
        bool changed_meanwhile = false;
        std::vector<wse_snapshot_token *> tokens;
    };

    static void look(void *look) noexcept;    // worker thread
    static void looked(void *look) noexcept;  // loop
    bool believed(const Entry &entry) const;
    int32_t begin(wse_loop *loop, const std::string &name, wse_snapshot_token *token);
    void finish(std::unique_ptr<Look> look);
    void keep(const Look &look);
    void follow_directory(const Stamp &directory);
    void forget(const std::string &name);
    void answer(wse_snapshot_token *token, const File &file);
    void finish_stop();

    const wse_host *host_;
    const Config &config_;
    const std::string directory_;
    uint32_t answered_ = 0, missing_ = 0, failed_ = 0, reads_ = 0;  // counters
    uv_loop_t *uv_ = nullptr;
    Watch watch_;
    Stamp watched_;  // the directory that is watched
    Cache<Entry> files_;
    std::map<std::string, std::unique_ptr<Look>> looks_;
    wse_stop_token *stop_token_ = nullptr;
    bool closed_ = false;
};

}  // namespace wse::snapshot_file
