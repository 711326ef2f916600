#include "usage/unread_note.hpp"

#include <algorithm>

namespace usage {

void add_to(unread_note& known, const unread_note& more) {
  known.connections += more.connections;
  if (more.bytes) known.bytes = known.bytes.value_or(0) + *more.bytes;
  known.first_at = std::min(known.first_at, more.first_at);
  known.last_at = std::max(known.last_at, more.last_at);
}

}  // namespace usage
