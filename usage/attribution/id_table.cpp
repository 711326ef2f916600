#include "usage/attribution/id_table.hpp"

#include <algorithm>
#include <functional>

namespace usage {

void row_queue::remove(std::int64_t row) {
  constexpr std::size_t few = 32;
  const auto first = rows_.begin() + static_cast<std::ptrdiff_t>(gone_);
  const auto at = std::find(first, rows_.end(), row);
  if (at == rows_.end()) return;
  if (at != first) {
    rows_.erase(at);
  } else if (++gone_ >= few && gone_ > rows_.size() / 2) {
    rows_.erase(rows_.begin(), rows_.begin() + static_cast<std::ptrdiff_t>(gone_));
    gone_ = 0;
  }
}

std::size_t id_table::hash::operator()(const key_view& of) const {
  return std::hash<std::string_view>()(of.id) + static_cast<std::size_t>(of.role);
}

const id_table::entry* id_table::find(id_role role, std::string_view id) const {
  const auto found = slots_.find(key_view{role, id});
  return found == slots_.end() ? nullptr : &found->second;
}

id_table::slots::value_type& id_table::slot_of(id_role role, std::string_view id) {
  const auto found = slots_.find(key_view{role, id});
  return found != slots_.end() ? *found : *slots_.emplace(key{role, kept_string(id)}, slot()).first;
}

void id_table::add_row(id_role role, std::string_view id, std::int64_t row) {
  slot_of(role, id).second.rows.add(row);
}

void id_table::remove_row(id_role role, std::string_view id, std::int64_t row) {
  const auto found = slots_.find(key_view{role, id});
  if (found == slots_.end()) return;
  found->second.rows.remove(row);
  if (found->second.rows.empty() && !found->second.claimed) slots_.erase(found);
}

bool id_table::claim(id_role role, std::string_view id, std::string_view cascade, std::int64_t now) {
  auto& [name, known] = slot_of(role, id);
  if (known.claimed) {
    known.age->told_at = now;
    claimed_.splice(claimed_.end(), claimed_, known.age);
  } else {
    known.age = claimed_.insert(claimed_.end(), {{name.role, name.id}, now});
    known.claimed = true;
  }
  if (known.overclaimed) return false;
  const auto at = std::ranges::lower_bound(known.cascades, cascade, {},
                                           [](const kept_string& kept) { return std::string_view(kept); });
  if (at != known.cascades.end() && *at == cascade) return false;
  if (known.cascades.size() == max_claims) {
    known.cascades.clear();
    known.overclaimed = true;
  } else {
    known.cascades.emplace(at, cascade);
  }
  return true;
}

id_table::oldest_claim id_table::oldest() const {
  const aged& first = claimed_.front();
  return {first.what.role, first.what.id, first.told_at};
}

void id_table::forget_oldest() {
  const auto found = slots_.find(claimed_.front().what);
  found->second.claimed = false;
  if (found->second.rows.empty()) {
    slots_.erase(found);
  } else {
    found->second.cascades.clear();
    found->second.overclaimed = false;
  }
  claimed_.pop_front();
}

}  // namespace usage
