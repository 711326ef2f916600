#include "usage/ledger/clock_record.hpp"

#include <cstdint>
#include <string_view>
#include <tuple>

namespace usage {
namespace {

constexpr std::string_view time_name = "clock_time";
constexpr std::string_view wall_name = "clock_wall";
constexpr std::string_view uptime_name = "clock_uptime";
constexpr std::string_view boot_name = "clock_boot";
constexpr std::string_view leap_name = "clock_since_leap";

std::optional<std::int64_t> recall(sqlite_connection& connection, std::string_view name) {
  std::optional<std::int64_t> value;
  sqlite_statement& statement = connection.prepared("SELECT value FROM watermarks WHERE name = ?1").with(name);
  while (statement.step()) statement.read(value);
  return value;
}

void remember(sqlite_connection& connection, std::string_view name, std::int64_t value) {
  connection.prepared("INSERT INTO watermarks VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
      .with(name, value)
      .run();
}

}  // namespace

std::optional<clock_memory> recall_clock(sqlite_connection& connection) {
  const auto time = recall(connection, time_name);
  const auto wall = recall(connection, wall_name);
  const auto uptime = recall(connection, uptime_name);
  const auto boot = recall(connection, boot_name);
  const auto leap = recall(connection, leap_name);
  if (!time || !wall || !uptime || !boot || !leap) return std::nullopt;
  return clock_memory{*time, {*wall, *uptime, *boot, false}, *leap};
}

void remember_clock(sqlite_connection& connection, const clock_memory& memory) {
  remember(connection, time_name, memory.time);
  remember(connection, wall_name, memory.seen.wall);
  remember(connection, uptime_name, memory.seen.uptime);
  remember(connection, boot_name, memory.seen.boot);
  remember(connection, leap_name, memory.since_leap);
}

}  // namespace usage
