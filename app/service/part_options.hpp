#pragma once

// From the configuration to the options of the service's parts.

#include <optional>

#include "app/accounting/ledger_log.hpp"
#include "app/config/config.hpp"
#include "mitm/upstream/upstream_proxy.hpp"
#include "usage/ledger/ledger.hpp"
#include "usage/ledger/ledger_writer.hpp"

namespace app {

usage::ledger_options ledger_options_of(const config& values);

/// `log` gets what the writer says, and outlives it.
usage::ledger_writer_options writer_options_of(const config& values, ledger_log& log);

/// The configured proxy, with NO_PROXY of the environment where mitm.no_proxy is empty. nullopt: none is configured.
std::optional<mitm::upstream_proxy> upstream_proxy_of(const config& values);

unsigned thread_count(const config& values);

}  // namespace app
