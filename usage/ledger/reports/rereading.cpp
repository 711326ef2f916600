#include "usage/ledger/reports/rereading.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <limits>
#include <thread>
#include <utility>

#include "usage/ledger/corrections.hpp"
#include "usage/ledger/exchange_row.hpp"
#include "usage/read_again.hpp"

namespace usage {
namespace {

/// Ids: after `first`, up to `last`.
struct row_range {
  std::int64_t first = 0;
  std::int64_t last = 0;
};

/// Only what reading a row again needs: the rest of a row costs more than that.
const std::string& select_objects() {
  static const std::string sql = [] {
    std::string columns = "SELECT id, raw_usage, provider, path, status";
    for (const std::string_view each : token_columns) columns.append(", ").append(each);
    return columns +
           ", usage_flags, started_at, host, requested_model, served_model FROM exchanges WHERE id > ?1 AND id <= ?2 "
           "AND "
           "raw_usage <> '' ORDER BY id";
  }();
  return sql;
}

/// Calls `differs(booked, anew)` for each row that differs, in the order of ids, until it returns false. Returns how
/// many rows were read.
template <class Differs>
std::int64_t walk(sqlite_connection& connection, const row_range& rows, Differs differs) {
  std::int64_t read = 0;
  usage_record booked;
  std::string provider_word, status_word;
  sqlite_statement& row = connection.prepared(select_objects()).with(rows.first, rows.last);
  while (row.step()) {
    ++read;
    row.read(booked.id, booked.raw_usage, provider_word, booked.path, status_word, booked.tokens.input_uncached,
             booked.tokens.cache_read, booked.tokens.cache_write, booked.tokens.output_total, booked.tokens.thinking,
             booked.tokens.cache_write_1h, booked.tokens.audio_input, booked.tokens.image_input,
             booked.tokens.audio_output, booked.tokens.image_output, booked.usage_flags, booked.started_at, booked.host,
             booked.requested_model, booked.served_model);
    booked.provider = provider_from(provider_word).value_or(provider::unknown);
    booked.status = record_status_from(status_word).value_or(record_status::unreported);
    const auto anew = booked_anew(booked);
    if (!anew || differs(booked, *anew)) continue;
    connection.prepared(select_objects()).with(0, 0).run();  // ends the statement before its end
    break;
  }
  return read;
}

/// What one thread finds.
struct half {
  std::int64_t read = 0;
  std::int64_t differing = 0;
  std::vector<reread_difference> differences;

  void look(sqlite_connection& connection, const row_range& rows, std::size_t limit) {
    read = walk(connection, rows, [&](const usage_record& booked, const usage_record& anew) {
      ++differing;
      if (differences.size() < limit || differences.empty()) differences.push_back(difference(booked, anew));
      return true;
    });
  }

  static reread_difference difference(const usage_record& booked, const usage_record& anew) {
    return {booked.id,          booked.started_at,
            booked.host,        booked.requested_model.empty() ? booked.served_model : booked.requested_model,
            booked.tokens,      anew.tokens,
            booked.usage_flags, anew.usage_flags,
            booked.status,      anew.status};
  }
};

half look_on_own_connection(const ledger_options& file, const row_range& rows, std::size_t limit,
                            const std::stop_token& stop) {
  sqlite_connection connection(file.file, SQLITE_OPEN_READONLY, file.busy_timeout_ms);
  connection.interrupt_by(stop);
  half found;
  found.look(connection, rows, limit);
  return found;
}

/// The other half on a thread that takes the caller's priority.
std::pair<half, half> look_on_two_threads(sqlite_connection& connection, const ledger_options& file,
                                          const row_range& rows, std::size_t limit, const std::stop_token& stop) {
  const std::int64_t middle = rows.first + (rows.last - rows.first) / 2;
  std::pair<half, half> found;
  std::exception_ptr fault;
  {
    const std::jthread other([&] {
      try {
        found.second = look_on_own_connection(file, {middle, rows.last}, limit, stop);
      } catch (...) {
        fault = std::current_exception();
      }
    });
    found.first.look(connection, {rows.first, middle}, limit);
  }
  if (fault) std::rethrow_exception(fault);
  return found;
}

/// Up to the row before the first that differs.
std::optional<verified_rows> mark_of(sqlite_connection& connection, const rereading& all, std::int64_t last) {
  const std::int64_t before = all.differences.empty() ? last + 1 : all.differences.front().id;
  verified_rows mark{.dialects = dialects_version};
  sqlite_statement& row =
      connection.prepared("SELECT id, started_at FROM exchanges WHERE id < ?1 ORDER BY id DESC LIMIT 1").with(before);
  while (row.step()) row.read(mark.to, mark.started_at);
  if (mark.to <= all.verified_before) return std::nullopt;
  return mark;
}

}  // namespace

rereading read_rows_again(sqlite_connection& connection, const ledger_options& file, const reread_options& wanted,
                          const std::stop_token& stop) {
  rereading all;
  all.verified_before = verified_to(connection);
  const row_range rows{all.verified_before, connection.number("SELECT max(id) FROM exchanges")};
  std::pair<half, half> found;
  if (rows.last - rows.first <= wanted.rows_of_a_thread) {
    found.first.look(connection, rows, wanted.differences);
  } else {
    found = look_on_two_threads(connection, file, rows, wanted.differences, stop);
  }
  all.read = found.first.read + found.second.read;
  all.differing = found.first.differing + found.second.differing;
  all.differences = std::move(found.first.differences);
  std::ranges::move(found.second.differences, std::back_inserter(all.differences));
  all.verified = mark_of(connection, all, rows.last);
  if (all.differences.size() > wanted.differences) all.differences.resize(wanted.differences);
  return all;
}

differing_rows find_differing(sqlite_connection& connection, std::int64_t after, std::size_t limit) {
  differing_rows found;
  const std::int64_t last = connection.number("SELECT max(id) FROM exchanges");
  found.last = std::max(after, verified_to(connection));
  walk(connection, {found.last, last}, [&](const usage_record& booked, const usage_record&) {
    found.ids.push_back(booked.id);
    found.last = booked.id;
    found.more = found.ids.size() >= limit;
    return !found.more;
  });
  if (!found.more) found.last = last;
  return found;
}

}  // namespace usage
