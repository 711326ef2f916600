#include "app/rewrite/audit_entry.hpp"

namespace app::rewrite {

std::string_view to_string(audit_entry::outcome what) {
  constexpr std::string_view words[] = {"applied", "would_apply", "not_applied", "answered", "would_answer"};
  return words[static_cast<std::size_t>(what)];
}

}  // namespace app::rewrite
