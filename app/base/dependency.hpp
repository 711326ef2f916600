#pragma once

#include <string>

namespace app {

/// Something that the service cannot do without, as /readyz shows it.
struct dependency {
  std::string name;
  bool ok = true;
  std::string reason;    // in words; may also be set if ok
  bool warning = false;  // it is ok, and the reason says what a user should know nevertheless
};

}  // namespace app
