// SPDX-License-Identifier: MIT
// All issuers of an instance: one loop fetches their keys, the others ask it to, and are told when
// a fetch has ended.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <wse/module.h>

#include "fetcher.h"
#include "options.h"
#include "source.h"

namespace wse::auth_jwt {

// [main] One sentence about the first issuer that is wrong, or empty. Reads the files.
std::string issuers_problem(const Config &config);

class Issuers {
public:
    // `heard` is called on each loop that listened, once a fetch has ended; it throws nothing.
    Issuers(const wse_host *host, const Config &config, std::function<void(wse_loop *)> heard);

    std::string load();                                // [main]
    void start(wse_loop *loop);                        // [loop]
    void stop(wse_loop *loop, wse_stop_token *token);  // [loop]

    // [any] The number of an issuer, from 0 to count() - 1; empty for one that is not configured.
    std::optional<size_t> find(std::string_view issuer) const;
    size_t count() const { return sources_.size(); }
    Standing look(size_t issuer) const { return sources_[issuer]->look(steady_ms()); }

    // [loop] `heard` comes on it at the end of the next fetch, whatever it is one of.
    void listen(wse_loop *loop);
    // [any] Keys of the issuer are on their way, begun by this call if need be. False: they are
    // not, and nothing will be heard.
    bool expect(size_t issuer);

private:
    // What a function that is posted is given.
    struct Bell {
        Issuers *issuers = nullptr;
        wse_loop *loop = nullptr;
        bool is_wanted = false;
    };
    struct Order {
        Issuers *issuers;
        Source *source;
    };

    void ring();

    const wse_host *host_;
    const Config &config_;
    const std::function<void(wse_loop *)> heard_;
    std::vector<std::unique_ptr<Source>> sources_;
    std::map<std::string, size_t, std::less<>> places_;  // in sources_, by issuer
    std::deque<Order> orders_;                           // one for each source
    Fetcher fetcher_;
    std::mutex mutex_;         // around what follows
    std::vector<Bell> bells_;  // by loop index
    wse_loop *fetching_loop_ = nullptr;
};

}  // namespace wse::auth_jwt
