#pragma once

// `zerogravity usage`, as the command line has it.

#include <cstdint>
#include <optional>
#include <string>

namespace app {

struct usage_command {
  bool json = false;
  std::optional<std::int64_t> start_time;  // Unix seconds, inclusive
  std::optional<std::int64_t> end_time;    // Unix seconds, exclusive
  std::string group_by;                    // model, conversation, host, status, process; empty: all of the report
  std::string url;                         // of the service; empty: api.listen of the configuration
  bool limits = false;                     // what providers tell of limits instead
  bool verify = false;                     // the wire against the language server's own list instead
  bool apply = false;                      // of verify: book the rows that differ anew
  std::string conversation;                // of verify: only this one; empty: all of the last day
};

}  // namespace app
