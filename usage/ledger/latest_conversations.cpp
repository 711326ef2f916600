#include "usage/ledger/latest_conversations.hpp"

#include <cstddef>
#include <cstdint>

#include "usage/ledger/ledger_reader.hpp"

namespace usage {
namespace {

using names = std::set<std::string>;

constexpr auto enough = static_cast<std::size_t>(max_report_groups);

names of_rows(sqlite_connection& connection, std::int64_t from, std::int64_t to) {
  names found;
  std::string name;
  sqlite_statement& row =
      connection.prepared("SELECT conversation FROM exchanges WHERE started_at >= ?1 AND started_at < ?2").with(from, to);
  while (row.step()) {
    row.read(name);
    found.insert(name);
  }
  return found;
}

/// Back from the last hour. False: there are enough without the first ones.
bool add_hours(sqlite_connection& connection, const time_slices& at, names& found) {
  std::int64_t last = at.last_hour, hour = 0;
  std::string name;
  sqlite_statement& row =
      connection
          .prepared("SELECT hour, conversation FROM rollup_conversation WHERE hour >= ?1 AND hour < ?2 ORDER BY hour DESC")
          .with(at.first_hour, at.last_hour);
  while (row.step()) {
    row.read(hour, name);
    // An hour that has begun is taken to its end: which of it came last is not known here.
    if (hour != last && found.size() >= enough) return false;
    last = hour;
    found.insert(name);
  }
  return true;
}

}  // namespace

latest_conversations find_latest_conversations(sqlite_connection& connection, const time_slices& at) {
  const names lead = of_rows(connection, at.lead_from, at.lead_to);
  latest_conversations latest;
  latest.all = of_rows(connection, at.tail_from, at.tail_to);
  latest.at_edges = latest.all;
  latest.at_edges.insert(lead.begin(), lead.end());
  if (add_hours(connection, at, latest.all)) latest.all.insert(lead.begin(), lead.end());
  return latest;
}

}  // namespace usage
