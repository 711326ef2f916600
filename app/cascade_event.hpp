#pragma once

// Events of a cascade on a terminal: the reply as it is written, everything else beside it; or one JSON object a line.

#include <string>

#include "app/cascade_command.hpp"
#include "cascade/core/event.hpp"

namespace app {

/// One event as a JSON object, without a line end.
std::string cascade_event_json(const cascade::event& event);

class cascade_printer {
 public:
  cascade_printer(cascade_output to, bool json) : to_(to), json_(json) {}

  void print(const cascade::event& event);
  /// The turn is over, and not by an error.
  bool ended_well() const { return ended_well_; }

 private:
  cascade_output to_;
  bool json_;
  bool ended_well_ = false;
};

}  // namespace app
