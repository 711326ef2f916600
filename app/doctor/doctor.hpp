#pragma once

// `zerogravity doctor`: prints what works on this machine, what does not work and why, and the next command to type. It
// returns exit_code::ok only if the way in use works: the service if one answers, otherwise `run`. The proof is a real
// exchange that is intercepted now.

#include <cstdint>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "app/base/exit_code.hpp"
#include "app/config/config_load.hpp"

namespace app {

struct doctor_command {
  bool json = false;
  std::vector<std::string> probe;  // host, address and port: act as the client of the exchange instead
};

struct finding {
  enum class state_of : std::uint8_t { works, absent, broken };  // absent: missing, but the way in use does not need it

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
