#include "mitm/connection_events.hpp"

namespace mitm {

boost::asio::awaitable<std::optional<std::int64_t>> connection_observer::user() { co_return std::nullopt; }

std::string_view to_string(handling what) {
  switch (what) {
    case handling::intercepted: return "intercepted";
    case handling::spliced: return "spliced";
    case handling::refused: return "refused";
  }
  return "refused";
}

}  // namespace mitm
