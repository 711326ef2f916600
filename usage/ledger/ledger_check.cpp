#include "usage/ledger/ledger_check.hpp"

#include <algorithm>
#include <array>
#include <system_error>

#include "net/file/access_words.hpp"
#include "usage/ledger/ledger_file.hpp"
#include "usage/ledger/ledger_rescue.hpp"
#include "usage/ledger/schema.hpp"
#include "usage/ledger/schema_check.hpp"

namespace usage {
namespace {

namespace fs = std::filesystem;

/// Runs `look`. If it fails, that is a fault.
template <class Look>
void examine(ledger_findings& findings, Look look) {
  try {
    look();
  } catch (const sqlite_failure& failure) {
    findings.faults.emplace_back(failure.what());
  }
}

struct summed_table {
  const char* name;
  const char* rows;  // of the view that it sums
};

// Only the time after the deleted rows can be compared, because deleted rows remain only in the roll-ups.
constexpr std::array summed_tables{summed_table{"rollup_hour", ""}, summed_table{"rollup_conversation", ""},
                                   summed_table{"rollup_process", ""}, summed_table{"rollup_rule", " AND rule <> ''"}};

/// The number of calls, and every sum as text.
struct compared_sums {
  std::int64_t calls = 0;
  std::string all;
};

/// The plus keeps SQLite from using an index, by which it would read nearly all rows one by one.
compared_sums sums_of(sqlite_connection& connection, const std::string& from, const std::string& rest,
                      std::int64_t hour) {
  std::string sums;
  for (const std::string_view column : summed)
    sums.append(sums.empty() ? "" : " || ' ' || ").append("coalesce(sum(").append(column).append("), 0)");
  compared_sums answer;
  sqlite_statement& row = connection
                              .prepared("SELECT coalesce(sum(requests + other_requests), 0), " + sums + " FROM " +
                                        from + " WHERE +hour >= " + std::to_string(hour) + rest)
                              .with();
  while (row.step()) row.read(answer.calls, answer.all);
  return answer;
}

/// A repair keeps the sums of rows that it could not find.
void compare_sums(sqlite_connection& connection, ledger_findings& findings) {
  const std::int64_t hour = rows_from(connection) / hour_ms;
  const sqlite_transaction moment(connection, sqlite_transaction::kind::read);
  std::int64_t lost = 0;
  for (const summed_table& each : summed_tables) {
    const auto kept = sums_of(connection, each.name, "", hour);
    const auto counted = sums_of(connection, "booked", each.rows, hour);
    lost = std::max(lost, kept.calls - counted.calls);
    if (kept.calls < counted.calls || (kept.calls == counted.calls && kept.all != counted.all))
      findings.faults.push_back("the sums in " + std::string(each.name) + " are not those of the rows");
  }
  for (const std::string& table : unlike_hours(connection))
    findings.faults.push_back("the sums in " + table + " are not those of the hours");
  if (lost > 0) findings.facts.push_back("the sums hold " + std::to_string(lost) + " calls whose rows are lost");
}

void look_at_pending(const ledger_options& options, ledger_findings& findings) {
  const fs::path pending = pending_of(options.file);
  std::error_code ignored;
  if (!fs::exists(pending, ignored)) return;
  std::string rows = "rows";
  try {
    auto connection = open_as_it_is(pending);
    if (connection) rows = std::to_string(connection->number("SELECT count(*) FROM exchanges")) + " rows";
  } catch (const sqlite_failure&) {
    // The separate file is damaged, too. The repair handles that.
  }
  findings.faults.push_back(rows + " wait in " + pending.string());
}

void look_inside(sqlite_connection& connection, ledger_findings& findings) {
  const auto version = connection.number("PRAGMA user_version");
  if (version < newest_version())
    findings.facts.push_back("its schema version " + std::to_string(version) +
                             " is an older one, which the next start brings up to date");
  examine(findings, [&] {
    for (auto& each : schema_faults(connection)) findings.faults.push_back(std::move(each));
  });
  const auto pages = check_pages(connection, true, [] { return true; });
  findings.faults.insert(findings.faults.end(), pages.faults.begin(), pages.faults.end());
  if (findings.faults.empty() && version == newest_version())
    examine(findings, [&] { compare_sums(connection, findings); });
  examine(findings, [&] {
    findings.facts.push_back(std::to_string(connection.number("SELECT count(*) FROM exchanges")) + " rows");
  });
}

bool is_foreign(sqlite_connection& connection, ledger_findings& findings) {
  try {
    if (!check_identity(connection)) findings.facts.emplace_back("it is empty");
    return false;
  } catch (const sqlite_failure& failure) {
    findings.faults.emplace_back(failure.what());
    // A ledger with a changed header still has its table.
    findings.foreign = (failure.code() & 0xff) == SQLITE_SCHEMA || columns_of(connection, "exchanges").empty();
    return true;
  }
}

}  // namespace

ledger_result<ledger_findings> check_ledger(const ledger_options& options) {
  std::error_code ignored;
  const std::string name = options.file.string();
  if (!fs::exists(options.file, ignored) || !fs::is_regular_file(options.file, ignored)) {
    const std::string words = net::access_words(options.file, net::file_access::read);
    return ledger_error{SQLITE_CANTOPEN,
                        "cannot read the ledger " + name + ": " +
                            (words.empty() ? "it is not a file; move it away, or set ledger.file" : words)};
  }
  if (const auto words = net::access_words(options.file, net::file_access::read); !words.empty())
    return ledger_error{SQLITE_CANTOPEN, "cannot read the ledger " + name + ": " + words};
  ledger_findings findings;
  auto connection = open_as_it_is(options.file);
  if (!connection) {
    findings.faults.emplace_back("it is not a database, or its first page is damaged");
  } else {
    examine(findings, [&] {
      if (!is_foreign(*connection, findings)) look_inside(*connection, findings);
    });
  }
  look_at_pending(options, findings);
  return findings;
}

std::string first_page_fault(const fs::path& file, const std::function<bool()>& go_on) {
  auto connection = open_as_it_is(file);
  if (!connection) return {};
  const auto checked = check_pages(*connection, false, go_on);
  return checked.faults.empty() ? std::string() : checked.faults.front();
}

}  // namespace usage
