#include "usage/attribution/id_table.hpp"

#include <algorithm>

namespace usage {
namespace {

std::string key_of(id_role role, std::string_view id) {
  std::string key(1, static_cast<char>('0' + static_cast<int>(role)));
  return key.append(id);
}

}  // namespace

const id_table::entry* id_table::find(id_role role, std::string_view id) const {
  const auto found = slots_.find(key_of(role, id));
  return found == slots_.end() ? nullptr : &found->second;
}

void id_table::add_row(id_role role, std::string_view id, std::int64_t row) {
  slots_[key_of(role, id)].rows.push_back(row);
}

void id_table::remove_row(id_role role, std::string_view id, std::int64_t row) {
  const auto found = slots_.find(key_of(role, id));
  if (found == slots_.end()) return;
  auto& rows = found->second.rows;
  // Rows are forgotten in the order in which they came, so it is the first one.
  if (const auto at = std::ranges::find(rows, row); at != rows.end()) rows.erase(at);
  if (rows.empty() && !found->second.claimed) slots_.erase(found);
}

bool id_table::claim(id_role role, std::string_view id, std::string_view cascade, std::int64_t now) {
  std::string key = key_of(role, id);
  slot& known = slots_[key];
  if (known.claimed) {
    known.age->told_at = now;
    claimed_.splice(claimed_.end(), claimed_, known.age);
  } else {
    known.age = claimed_.insert(claimed_.end(), {std::move(key), now});
    known.claimed = true;
  }
  if (known.overclaimed) return false;
  const auto at = std::ranges::lower_bound(known.cascades, cascade);
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
  return {static_cast<id_role>(first.key.front() - '0'), std::string_view(first.key).substr(1), first.told_at};
}

void id_table::forget_oldest() {
  const auto found = slots_.find(claimed_.front().key);
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
