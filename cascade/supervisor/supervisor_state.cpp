#include "cascade/supervisor/supervisor_state.hpp"

namespace cascade {

std::string_view to_string(supervisor_phase phase) {
  switch (phase) {
    case supervisor_phase::none:
      return "none";
    case supervisor_phase::stopped:
      return "stopped";
    case supervisor_phase::starting:
      return "starting";
    case supervisor_phase::ready:
      return "ready";
    case supervisor_phase::backing_off:
      return "backing_off";
    case supervisor_phase::failed:
      return "failed";
  }
  return "unknown";
}

}  // namespace cascade
