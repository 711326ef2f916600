#include "usage/ledger/rollups.hpp"

#include <string>
#include <string_view>

#include "usage/ledger/schema.hpp"

namespace usage {
namespace {

std::string upsert(std::string_view table, const std::string& key) {
  std::string values = "INSERT INTO " + std::string(table) + " SELECT " + key;
  std::string sums = " ON CONFLICT (" + key + ") DO UPDATE SET ";
  for (const std::string_view column : summed) {
    values.append(", ?2 * ").append(column);
    sums.append(column).append(" = ").append(column).append(" + excluded.").append(column).append(", ");
  }
  values += ", first_at, last_at FROM booked WHERE id = ?1";
  return values + sums + "first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at)";
}

}  // namespace

void book(sqlite_connection& connection, std::int64_t id, int sign) {
  static const std::string by_hour = upsert("rollup_hour", "hour, model, host, provider, kind, status");
  static const std::string by_conversation = upsert("rollup_conversation", "hour, conversation");
  connection.prepared(by_hour).with(id, sign).run();
  connection.prepared(by_conversation).with(id, sign).run();
}

}  // namespace usage
