#pragma once

// Turns the configuration into the options of the service's parts.

#include <optional>

#include "app/accounting/hash_secret.hpp"
#include "app/accounting/ledger_log.hpp"
#include "app/config/config.hpp"
#include "mitm/upstream/upstream_proxy.hpp"
#include "usage/ledger/ledger.hpp"
#include "usage/ledger/ledger_writer.hpp"

namespace app {

usage::ledger_options ledger_options_of(const config& values);

/// `log` gets the writer's messages, and outlives the writer.
usage::ledger_writer_options writer_options_of(const config& values, ledger_log& log);

/// With the key of the hashes of transcripts.
/// `providers` outlives all accounts.
usage::account_limits account_limits_of(const config& values, const hash_secret& secret,
                                        const usage::provider_table& providers);

/// The configured proxy. If mitm.no_proxy is empty, NO_PROXY of the environment applies. nullopt: none is configured.
std::optional<mitm::upstream_proxy> upstream_proxy_of(const config& values);

unsigned thread_count(const config& values);

}  // namespace app
