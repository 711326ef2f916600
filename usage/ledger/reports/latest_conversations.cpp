#include "usage/ledger/reports/latest_conversations.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "usage/ledger/reports/ledger_reader.hpp"
#include "usage/ledger/schema.hpp"

namespace usage {
namespace {

using names = std::unordered_set<std::string>;

template <class... Values>
names read_names(sqlite_connection& connection, std::string_view sql, const Values&... values) {
  names found;
  std::string name;
  sqlite_statement& row = connection.prepared(sql).with(values...);
  while (row.step()) {
    row.read(name);
    found.insert(name);
  }
  return found;
}

names of_rows(sqlite_connection& connection, std::int64_t from, std::int64_t to) {
  return read_names(connection, "SELECT conversation FROM exchanges WHERE started_at >= ?1 AND started_at < ?2", from,
                    to);
}

/// If the range reaches to the end, a conversation's last time in it is its last time of all.
names of_all_time(sqlite_connection& connection, const time_slices& at) {
  const std::int64_t from = at.lead_from < at.lead_to ? at.lead_from : at.first_hour * hour_ms;
  return read_names(connection,
                    "SELECT name FROM rollup_total WHERE dimension = 'conversation' AND last_at >= ?1 "
                    "ORDER BY last_at DESC, name LIMIT ?2",
                    from, max_report_groups);
}

/// Searches backwards from the last hour. False: there are enough without the first hours.
bool add_hours(sqlite_connection& connection, const time_slices& at, names& found) {
  std::int64_t last = at.last_hour, hour = 0;
  std::string name;
  sqlite_statement& row =
      connection
          .prepared(
              "SELECT hour, conversation FROM rollup_conversation WHERE hour >= ?1 AND hour < ?2 ORDER BY hour DESC")
          .with(at.first_hour, at.last_hour);
  while (row.step()) {
    row.read(hour, name);
    // The search always completes an hour, because the order within it is not known here.
    if (hour != last && found.size() >= static_cast<std::size_t>(max_report_groups)) return false;
    last = hour;
    found.insert(name);
  }
  return true;
}

}  // namespace

latest_conversations find_latest_conversations(sqlite_connection& connection, const time_slices& at, bool to_the_end) {
  const names lead = of_rows(connection, at.lead_from, at.lead_to);
  const names tail = of_rows(connection, at.tail_from, at.tail_to);
  names found = to_the_end ? of_all_time(connection, at) : tail;
  if (!to_the_end && add_hours(connection, at, found)) found.insert(lead.begin(), lead.end());
  latest_conversations latest{{found.begin(), found.end()}, tail};
  latest.at_edges.insert(lead.begin(), lead.end());
  // In the order in which their sums are stored.
  std::ranges::sort(latest.all);
  return latest;
}

}  // namespace usage
