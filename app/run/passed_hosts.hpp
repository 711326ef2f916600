#pragma once

// The hosts of a run whose traffic was not read, for its report: hosts that are not watched, and watched hosts whose
// traffic could not be read. Called from the strands of all connections.

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "mitm/relay/connection_events.hpp"

namespace app::run {

struct passed_host {
  std::string host;  // its name, or address:port
  std::int64_t connections = 0;
  std::int64_t bytes = 0;
  std::string reason;  // why the last connection was not read
};

class passed_hosts {
 public:
  static constexpr std::size_t max_hosts = 512;  // connections of further hosts are counted together

  void add(const mitm::session_report& ended);

  /// Sorted by bytes, largest first. An entry without a name stands for all hosts beyond the limit.
  std::vector<passed_host> all() const;

 private:
  mutable std::mutex mutex_;  // guards hosts_; held for a look-up or a copy
  std::map<std::string, passed_host, std::less<>> hosts_;
};

/// "Passed by unwatched: github.com (3 connections), …" and a line end; empty if there are none.
std::string passed_hosts_text(const std::vector<passed_host>& hosts);

}  // namespace app::run
