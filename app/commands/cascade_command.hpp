#pragma once

// `zerogravity cascade`: one turn of a cascade on the terminal, written as it comes; or the list of cascades, or the
// end of one. It asks the running service (cascade_routes.hpp).

#include <iosfwd>
#include <string>
#include <string_view>

#include "app/base/exit_code.hpp"
#include "app/client/service_client.hpp"

namespace app {

/// One turn of a cascade, or what there is to say about cascades. Exactly one of text, list and cancel is set.
struct cascade_command {
  std::string text;         // what the user says
  std::string continue_id;  // the cascade that it continues; empty: a new one
  std::string model;        // label; empty: the recommended one
  bool list = false;
  std::string cancel_id;
  bool json = false;   // one JSON object per event and line
  bool allow = false;  // steps that ask for permission get it; otherwise the service's configuration says
  std::string url;     // of the service; empty: api.listen of the configuration
};

/// Text and JSON lines go to `out`, reasoning, tools and what went wrong to `err`. Names, titles and messages are shown
/// without control characters; what the model writes only where it goes to a terminal, so that a pipe gets every byte.
struct cascade_output {
  std::ostream& out;
  std::ostream& err;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
};

/// Shows a turn's lines to a person: the reply on `out`, all else on `err`. A rewritten text is printed again from its
/// beginning.
class cascade_terminal {
 public:
  explicit cascade_terminal(cascade_output output) : output_(output) {}

  /// False: the line is not a JSON object, and is not shown.
  bool show(std::string_view line);
  /// The turn was seen to finish, not to fail or to break off.
  bool ended_well() const { return ended_well_; }
  /// It finished or failed.
  bool ended() const { return ended_; }

 private:
  cascade_output output_;
  bool ended_ = false;
  bool ended_well_ = false;
};

/// Blocks until the turn is over; SIGINT ends it. `url` and `key` are the service's. `unreachable` if it or its
/// language server cannot be asked now, `failed` for a turn that did not finish.
exit_code run_cascade(const cascade_command& asked, const std::string& url, const client_key& key,
                      cascade_output output);

}  // namespace app
