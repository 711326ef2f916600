#pragma once

// `zerogravity doctor`: what works on this machine, what does not and why, and for each what to type next. Ends with
// exit_code::ok only if the configured way works: through the service if one answers, else through `run`, and in both
// cases because an exchange was really intercepted just now.

#include <cstdint>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "app/base/exit_code.hpp"
#include "app/config/config_load.hpp"

namespace app {

struct doctor_command {
  bool json = false;
  std::vector<std::string> probe;  // host, address and port: be the client of the exchange instead
};

struct finding {
  enum class state_of : std::uint8_t { works, absent, broken };  // absent: not there, and not needed by the way in use

  std::string topic;
  state_of state = state_of::works;
  std::string detail;
  std::string next;  // the command to type; empty: none
};

struct diagnosis {
  std::string way;  // service or run
  std::vector<finding> findings;

  /// Nothing is broken.
  bool works() const;
};

exit_code doctor(const doctor_command& asked, const loaded_config& loaded);

std::string to_text(const diagnosis& found);
boost::json::object to_json(const diagnosis& found);

}  // namespace app
