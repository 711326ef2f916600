#pragma once

// `zerogravity cascade`: runs one turn of a cascade and prints it as it arrives, lists the cascades, or cancels a turn.
// It calls the running service (cascade_routes.hpp).

#include <iosfwd>
#include <string>
#include <string_view>

#include "app/base/exit_code.hpp"
#include "app/client/service_client.hpp"

namespace app {

/// Exactly one of text, list and cancel_id is set.
struct cascade_command {
  std::string text;         // the message
  std::string continue_id;  // the cascade to continue; empty: a new one
  std::string model;        // label; empty: the recommended one
  bool list = false;
  std::string cancel_id;
  bool json = false;   // one JSON object per event and line
  bool allow = false;  // every step that asks for permission gets it; otherwise as the service is configured
  std::string url;     // of the service; empty: api.listen of the configuration
};

/// Text and JSON lines go to `out`. Reasoning, tools and errors go to `err`. Names, titles and messages never contain
/// control characters. The model's own text loses them only on a terminal, so that a pipe gets every byte.
struct cascade_output {
  std::ostream& out;
  std::ostream& err;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
};

/// Prints the lines of a turn for a person: the reply on `out`, everything else on `err`. A rewritten text is printed
/// again from its beginning.
class cascade_terminal {
 public:
  explicit cascade_terminal(cascade_output output) : output_(output) {}

  /// False: the line is not a JSON object. Nothing was printed.
  bool show(std::string_view line);
  /// The turn finished. It did not fail, and was not cut short.
  bool ended_well() const { return ended_well_; }
  /// It finished or failed.
  bool ended() const { return ended_; }

 private:
  cascade_output output_;
  bool ended_ = false;
  bool ended_well_ = false;
};

/// Blocks until the turn ends; SIGINT ends it. `url` and `key` are the service's. Returns `unreachable` if the service
/// or its language server is not available, and `failed` if the turn did not finish.
exit_code run_cascade(const cascade_command& asked, const std::string& url, const client_key& key,
                      cascade_output output);

}  // namespace app
