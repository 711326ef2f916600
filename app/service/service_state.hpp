#pragma once

// The state of the service's parts, as /readyz and /metrics report it.

#include <memory>
#include <vector>

#include "app/accounting/attribution_service.hpp"
#include "app/accounting/process_finder.hpp"
#include "app/base/dependency.hpp"
#include "app/log/logging.hpp"
#include "app/metrics/metrics.hpp"
#include "app/scope/cgroup_redirect.hpp"
#include "app/service/authority.hpp"
#include "app/service/descriptor_room.hpp"
#include "app/turns/language_server.hpp"
#include "mitm/bypass_list.hpp"
#include "mitm/ca/certificate_cache.hpp"
#include "mitm/interceptor.hpp"
#include "usage/ledger/ledger_writer.hpp"

namespace app {

/// All outlive it.
class service_state {
 public:
  struct parts {
    const metrics& counters;
    logger& log;
    usage::ledger_writer& writer;
    const attribution_service& attribution;
    const process_finder& processes;
    const mitm::bypass_list& bypassed;
    const mitm::certificate_cache& leaves;
    const mitm::interceptor& interceptor;
    const language_server& server;
    const authority_state& ca;
    const endpoints& listening;
    const std::unique_ptr<scope::cgroup_redirect>& redirect;
    const descriptor_room& room;
  };

  explicit service_state(parts parts) : parts_(parts) {}

  std::vector<dependency> dependencies() const;
  metric_readings readings() const;

 private:
  dependency ledger() const;
  dependency interception(std::chrono::system_clock::time_point now) const;
  dependency unread() const;
  bool loops() const;

  const parts parts_;
};

/// "127.0.0.1:8742,[::1]:8742".
std::string text_of(const endpoints& all);

}  // namespace app
