#include "app/service/part_options.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <thread>
#include <utility>

namespace app {

usage::ledger_options ledger_options_of(const config& values) {
  return {.file = values.ledger.file,
          .retention_days = static_cast<std::int64_t>(values.ledger.retention_days),
          .max_bytes = static_cast<std::int64_t>(values.ledger.max_size),
          .busy_timeout_ms = values.ledger.busy_timeout.count()};
}

usage::ledger_writer_options writer_options_of(const config& values, ledger_log& log) {
  usage::ledger_writer_options options;
  options.queue = values.ledger.queue;
  options.on_attempt = [&log](const usage::ledger_writer_state& state) {
    log.on_attempt(state, ledger_log::instant::clock::now());
  };
  options.on_note = [&log](const std::string& note) { log.on_note(note); };
  return options;
}

usage::account_limits account_limits_of(const config& values, const hash_secret& secret,
                                        const usage::provider_table& providers) {
  usage::account_limits limits = values.account;
  limits.providers = &providers;
  limits.transcript_key = derived_key(secret, "transcripts");
  return limits;
}

std::optional<mitm::upstream_proxy> upstream_proxy_of(const config& values) {
  auto proxy = mitm::parse_upstream_proxy(values.mitm.upstream_proxy);
  if (values.mitm.upstream_proxy.empty() || proxy.has_error())
    return std::nullopt;  // never: config_load refuses what cannot be parsed
  std::string exempt;
  for (const auto& each : values.mitm.no_proxy) exempt += each + ",";
  for (const char* name : {"NO_PROXY", "no_proxy"}) {
    const char* value = std::getenv(name);
    if (exempt.empty() && value != nullptr) exempt = value;
  }
  proxy->exempt = mitm::no_proxy(exempt);
  return std::move(*proxy);
}

unsigned thread_count(const config& values) {
  return values.threads != 0 ? values.threads : std::max(1u, std::thread::hardware_concurrency());
}

}  // namespace app
