/* SPDX-License-Identifier: MIT
 * auth_allowlist: lets in who comes from a listed network, all under one user name. An example of
 * a module of kind auth: options, check, create, a counter, an answer. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wse/module.h>

struct config {
    wse_strings networks;
    const char *user;
};

static const wse_option options[] = {
    {"networks", WSE_OPT_STRINGS, WSE_OPT_F_REQUIRED, offsetof(struct config, networks), 0, 0, NULL,
     NULL, NULL, "addresses and networks that are let in: 10.0.0.0/8, 2001:db8::/32, 192.0.2.7"},
    {"user", WSE_OPT_STRING, 0, offsetof(struct config, user), 0, 0, "guest", NULL, NULL,
     "who they are"},
    {NULL, 0, 0, 0, 0, 0, NULL, NULL, NULL, NULL},
};

/* IPv4 is kept as IPv6 (::ffff:a.b.c.d), so that one comparison serves both and a client that came
 * over a dual-stack socket is found too. */
struct network {
    unsigned char address[16];
    unsigned prefix; /* bits */
};

struct self {
    const wse_host *host;
    const char *user;
    struct network *networks;
    uint64_t count;
    uint32_t accepted, refused; /* counters */
};

static int parse_address(const char *text, struct network *ret) {
    static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (inet_pton(AF_INET6, text, ret->address) == 1) {
        ret->prefix = 128;
        return 1;
    }
    memcpy(ret->address, mapped, sizeof mapped);
    ret->prefix = 32; /* of the IPv4 part; parse_network adds the rest */
    return inet_pton(AF_INET, text, ret->address + sizeof mapped) == 1;
}

static int same_network(const struct network *network, const unsigned char *address) {
    const unsigned whole = network->prefix / 8, rest = network->prefix % 8;
    const unsigned mask = 0xff00u >> rest & 0xffu;
    if (memcmp(network->address, address, whole) != 0) return 0;
    return rest == 0 || ((network->address[whole] ^ address[whole]) & mask) == 0;
}

static int has_host_bits(const struct network *network) {
    unsigned bit;
    for (bit = network->prefix; bit < 128; ++bit) {
        if (network->address[bit / 8] & 0x80u >> bit % 8) return 1;
    }
    return 0;
}

/* NULL, or what is wrong with it. */
static const char *parse_network(const char *text, struct network *ret) {
    char address[INET6_ADDRSTRLEN], *end = NULL;
    const char *slash = strchr(text, '/');
    const size_t length = slash ? (size_t)(slash - text) : strlen(text);
    unsigned bits;
    if (length >= sizeof address) return "not an IP address";
    memcpy(address, text, length);
    address[length] = '\0';
    if (!parse_address(address, ret)) return "not an IP address";
    bits = ret->prefix;
    if (slash) {
        const unsigned long prefix = strtoul(slash + 1, &end, 10);
        if (slash[1] < '0' || slash[1] > '9' || *end || prefix > bits)
            return "the prefix is too long or no number";
        ret->prefix = (unsigned)prefix;
    }
    if (bits == 32) ret->prefix += 96;
    return has_host_bits(ret) ? "bits are set behind the prefix" : NULL;
}

static int32_t check(const void *p, wse_error *error) WSE_NOEXCEPT {
    const struct config *config = p;
    uint64_t i;
    for (i = 0; i < config->networks.count; ++i) {
        struct network network;
        const char *problem = parse_network(config->networks.items[i], &network);
        if (!problem) continue;
        snprintf(error->text, sizeof error->text, "networks: %.100s: %s", config->networks.items[i],
                 problem);
        return WSE_EINVAL;
    }
    if (config->networks.count == 0 || !*config->user) {
        snprintf(error->text, sizeof error->text, "%s: is empty",
                 *config->user ? "networks" : "user");
        return WSE_EINVAL;
    }
    return WSE_OK;
}

static void destroy(void *p) WSE_NOEXCEPT {
    struct self *self = p;
    free(self->networks);
    free(self);
}

static int32_t create(const wse_host *host, const void *p, void **ret_self,
                      wse_error *error) WSE_NOEXCEPT {
    const struct config *config = p;
    const int32_t status = check(p, error);
    struct self *self;
    uint64_t i;
    if (status != WSE_OK) return status;
    self = calloc(1, sizeof *self);
    if (!self) return WSE_ENOMEM;
    self->networks = calloc((size_t)config->networks.count, sizeof *self->networks);
    if (!self->networks ||
        host->stat(host, "accepted", "connections from a listed network", &self->accepted) ||
        host->stat(host, "refused", "connections from elsewhere", &self->refused)) {
        destroy(self);
        return WSE_ENOMEM;
    }
    self->host = host;
    self->user = config->user;
    self->count = config->networks.count;
    for (i = 0; i < self->count; ++i) parse_network(config->networks.items[i], &self->networks[i]);
    *ret_self = self;
    return WSE_OK;
}

static int is_listed(const struct self *self, wse_bytes peer) {
    char text[INET6_ADDRSTRLEN];
    struct network client;
    uint64_t i;
    if (peer.len == 0 || peer.len >= sizeof text) return 0;
    memcpy(text, peer.data, (size_t)peer.len);
    text[peer.len] = '\0';
    if (!parse_address(text, &client)) return 0;
    for (i = 0; i < self->count; ++i) {
        if (same_network(&self->networks[i], client.address)) return 1;
    }
    return 0;
}

static int32_t authenticate(void *p, wse_loop *loop, const wse_auth_request *request,
                            wse_auth_token *token) WSE_NOEXCEPT {
    struct self *self = p;
    const wse_host *host = self->host;
    wse_auth_result result = {0};
    (void)loop;
    if (!is_listed(self, request->peer)) {
        host->stat_add(host, self->refused, 1);
        host->auth_done(host, token, WSE_EDENIED, NULL);
        return WSE_OK;
    }
    host->stat_add(host, self->accepted, 1);
    result.struct_size = sizeof result;
    result.user.data = self->user;
    result.user.len = strlen(self->user);
    host->auth_done(host, token, WSE_OK, &result);
    return WSE_OK;
}

static const wse_auth_ops ops = {sizeof ops, 0, authenticate, NULL, NULL};

const wse_module_def wse_module = {
    WSE_MODULE(WSE_KIND_AUTH, 0),
    "auth_allowlist",
    "1.0",
    options,
    sizeof(wse_option),
    sizeof(struct config),
    &ops,
    check,
    create,
    NULL,
    NULL,
    destroy,
};
