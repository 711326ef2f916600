#include "mitm/connection_events.hpp"

namespace mitm {

std::string_view to_string(handling what) {
  switch (what) {
    case handling::intercepted: return "intercepted";
    case handling::spliced: return "spliced";
    case handling::refused: return "refused";
  }
  return "refused";
}

}  // namespace mitm
