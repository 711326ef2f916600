#include "usage/ledger/ledger_repair.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "usage/ledger/ledger_check.hpp"
#include "usage/ledger/ledger_rescue.hpp"
#include "usage/ledger/merging.hpp"
#include "usage/ledger/rollups.hpp"
#include "usage/ledger/schema.hpp"
#include "usage/ledger/schema_check.hpp"

namespace usage {
namespace {

namespace fs = std::filesystem;

struct rollup_table {
  const char* name;
  const char* key;
};
constexpr std::array rollup_tables{rollup_table{"rollup_hour", "hour, model, host, provider, kind, status"},
                                   rollup_table{"rollup_conversation", "conversation, hour"},
                                   rollup_table{"rollup_process", "hour, process"},
                                   rollup_table{"rollup_rule", "hour, rule"}};

[[noreturn]] void fail_with(const std::string& what, int code) {
  throw sqlite_failure(code == ENOSPC ? SQLITE_FULL : SQLITE_CANTOPEN, what + ": " + std::strerror(code));
}

void sync_file(const fs::path& file, int how) {
  const net::descriptor opened(::open(file.c_str(), how | O_CLOEXEC));
  if (opened.get() < 0 || ::fsync(opened.get()) != 0) fail_with("cannot sync " + file.string(), errno);
}

/// If root repairs, the files still belong to the ledger's owner.
void give_to_owner_of(const fs::path& damaged, const fs::path& made) {
  struct stat found{};
  if (::geteuid() != 0 || ::stat(damaged.c_str(), &found) != 0) return;
  if (::chown(made.c_str(), found.st_uid, found.st_gid) != 0) fail_with("cannot give away " + made.string(), errno);
}

/// A file that is deleted unless it is kept.
class unfinished_file {
 public:
  explicit unfinished_file(fs::path name) : name_(std::move(name)) { remove_ledger(name_); }
  ~unfinished_file() { remove_ledger(name_); }
  unfinished_file(const unfinished_file&) = delete;
  unfinished_file& operator=(const unfinished_file&) = delete;
  const fs::path& name() const { return name_; }

 private:
  fs::path name_;
};

class rebuilding {
 public:
  rebuilding(const fs::path& damaged, sqlite_connection& to)
      : damaged_(damaged), from_(open_as_it_is(damaged)), to_(to) {}

  void run(repair_report& report) {
    copy_marks();
    const auto rescued = rescue_rows(damaged_, [this](const rescued_row& row) { insert(row); });
    sum_rows();
    keep_old_sums(!rescued.faults.empty());
    if (from_) {
      for (const char* table : copied_tables) copy_table(*from_, to_, table, table);
      for (const char* table : {"unread", "account_window", "account_window_change", "corrections"})
        copy_table(*from_, to_, table, table);
    }
    report.rows = to_.number("SELECT count(*) FROM exchanges");
    report.from_pages = rescued.from_pages;
    if (rejected_ != 0) report.remarks.push_back(std::to_string(rejected_) + " rows were too damaged to be kept");
    if (deleted_ != 0)
      report.remarks.push_back(std::to_string(deleted_) + " rows had been deleted by retention and stay so");
  }

 private:
  /// How far retention has deleted, and which ids were used. Neither may go back.
  void copy_marks() {
    if (!from_) return;
    try {
      set_rows_from(to_, rows_from(*from_));
    } catch (const sqlite_failure&) {
    }
    try {
      const auto last = from_->number("SELECT seq FROM sqlite_sequence WHERE name = 'exchanges'");
      to_.prepared("INSERT INTO sqlite_sequence (name, seq) SELECT 'exchanges', ?1").with(last).run();
    } catch (const sqlite_failure&) {
    }
    rows_from_ = rows_from(to_);
  }

  void insert(const rescued_row& row) {
    if (row.columns.empty() || row.columns.front() != "started_at") return;
    if (const auto* at = std::get_if<std::int64_t>(&row.values.front()); at != nullptr && *at < rows_from_) {
      ++deleted_;
      return;
    }
    std::string names = "id", places = "?1";
    for (std::size_t i = 0; i < row.columns.size(); ++i) {
      names.append(", ").append(row.columns[i]);
      places.append(", ?").append(std::to_string(i + 2));
    }
    std::vector<cell> values{row.id};
    values.insert(values.end(), row.values.begin(), row.values.end());
    try {
      to_.prepared("INSERT INTO exchanges (" + names + ") VALUES (" + places + ")").with_cells(values).run();
    } catch (const sqlite_failure& failure) {
      if ((failure.code() & 0xff) != SQLITE_CONSTRAINT) throw;
      ++rejected_;
    }
  }

  void sum_rows() {
    if (to_.number("SELECT count(*) FROM exchanges") == 0) return;
    rollups sums(to_);
    sums.add(to_.number("SELECT min(id) FROM exchanges"));
    sums.add(to_.number("SELECT max(id) FROM exchanges"));
    sums.settle();
  }

  /// The sums of hours whose rows were deleted by retention exist nowhere else. If rows are lost, the old sums are
  /// correct, provided that all of them can be read.
  void keep_old_sums(bool rows_lost) {
    if (!from_) return;
    for (const rollup_table& each : rollup_tables) {
      const std::string name(each.name);
      to_.execute("CREATE TEMP TABLE old_sums AS SELECT * FROM " + name + " WHERE 0");
      to_.execute("CREATE UNIQUE INDEX temp.old_key ON old_sums (" + std::string(each.key) + ")");
      const bool whole = copy_table(*from_, to_, name, "old_sums").whole;
      std::string sums;
      std::string sane = "hour > 0";
      for (const std::string_view column : summed) {
        sums.append(column).append(" = excluded.").append(column).append(", ");
        sane.append(" AND ").append(column).append(" >= 0");
      }
      const std::string time = rows_lost && whole ? "" : " AND hour < " + std::to_string(rows_from_ / hour_ms);
      to_.execute("INSERT INTO " + name + " SELECT * FROM old_sums WHERE " + sane + time + " ON CONFLICT (" + each.key +
                  ") DO UPDATE SET " + sums + "first_at = excluded.first_at, last_at = excluded.last_at " +
                  "WHERE excluded.requests + excluded.other_requests > requests + other_requests");
      to_.execute("DROP TABLE old_sums");
    }
  }

  fs::path damaged_;
  std::optional<sqlite_connection> from_;
  sqlite_connection& to_;
  std::int64_t rows_from_ = 0;
  std::int64_t rejected_ = 0;
  std::int64_t deleted_ = 0;
};

void build(const fs::path& damaged, const fs::path& made, repair_report& report) {
  const auto begun = ledger::open({.file = made});
  if (!begun) throw sqlite_failure(begun.error().sqlite_code, begun.error().message);
  sqlite_connection to(made, SQLITE_OPEN_READWRITE, 0);
  to.execute("PRAGMA synchronous = OFF");
  {
    sqlite_transaction all(to, sqlite_transaction::kind::write);
    rebuilding(damaged, to).run(report);
    sum_up_hours(to);
    all.commit();
  }
  const auto checked = check_pages(to, true, [] { return true; });
  if (!checked.faults.empty()) throw sqlite_failure(SQLITE_CORRUPT, "the new one is not whole: " + checked.faults[0]);
  to.execute("PRAGMA synchronous = FULL");
  to.number("PRAGMA wal_checkpoint(TRUNCATE)");
}

/// The damaged file has both names until the new one has replaced it, so that a ledger exists at every moment.
void put_in_place(const fs::path& made, const fs::path& file, const fs::path& aside) {
  const bool named = ::link(file.c_str(), aside.c_str()) == 0;
  // Not every file system has hard links.
  if (!named && (errno == EEXIST || ::rename(file.c_str(), aside.c_str()) != 0))
    fail_with("cannot name " + aside.string(), errno);
  std::error_code error;
  // The damaged file's log must not be read with the new file.
  if (fs::exists(log_of(file), error)) fs::rename(log_of(file), log_of(aside), error);
  fs::remove(log_index_of(file), error);
  if (::rename(made.c_str(), file.c_str()) != 0) fail_with("cannot replace " + file.string(), errno);
  sync_file(file.has_parent_path() ? file.parent_path() : fs::path("."), O_RDONLY | O_DIRECTORY);
}

void rebuild(const fs::path& file, const std::string& stamp, repair_report& report) {
  const ledger_lock alone(file, ledger_lock::kind::exclusive);
  const unfinished_file made(file.string() + ".repair");
  build(file, made.name(), report);
  sync_file(made.name(), O_RDONLY);
  give_to_owner_of(file, made.name());
  report.put_aside = file.string() + ".damaged-" + stamp;
  put_in_place(made.name(), file, report.put_aside);
}

ledger_options at(ledger_options options, const fs::path& file) {
  options.file = file;
  return options;
}

/// Adds the rows of the separate file.
ledger_result<void> bring_pending(const ledger_options& options, const std::string& stamp, repair_report& report) {
  const ledger_options pending = at(options, pending_of(options.file));
  std::error_code ignored;
  if (!fs::exists(pending.file, ignored)) return {};
  auto opened = ledger::open(options);
  if (!opened) return opened.error();
  auto taken = opened->take_over(pending);
  if (!taken && (taken.error().sqlite_code & 0xff) == SQLITE_BUSY) {
    report.remarks.push_back("a running service writes to " + pending.file.string() + "; it brings those rows itself");
    return {};
  }
  if (!taken) {
    const auto mended = attempt("repair", pending.file, [&] { rebuild(pending.file, stamp, report); });
    if (!mended) return mended.error();
    taken = opened->take_over(pending);
  }
  if (!taken) return taken.error();
  report.came_over = static_cast<std::int64_t>(taken->inserted);
  return {};
}

}  // namespace

ledger_result<repair_report> repair_ledger(const ledger_options& asked, const std::string& stamp) {
  std::error_code ignored;
  const bool linked = fs::is_symlink(asked.file, ignored);
  const ledger_options options = at(asked, linked ? fs::weakly_canonical(asked.file, ignored) : asked.file);
  repair_report report;
  if (!fs::exists(options.file, ignored) && fs::exists(pending_of(options.file), ignored)) {
    report.faults.push_back(options.file.string() + " is missing");
  } else {
    auto found = check_ledger(options);
    if (!found) return found.error();
    if (found->foreign) return ledger_error{SQLITE_NOTADB, options.file.string() + ": " + found->faults.front()};
    report.faults = found->faults;
    const std::string waiting = pending_of(options.file).string();
    const auto is_inside = [&](const std::string& fault) { return fault.find(waiting) == std::string::npos; };
    if (std::ranges::any_of(report.faults, is_inside)) {
      auto rebuilt = attempt("repair the ledger", options.file, [&] { rebuild(options.file, stamp, report); });
      if (!rebuilt) return rebuilt.error();
    }
  }
  if (const auto brought = bring_pending(options, stamp, report); !brought) return brought.error();
  return report;
}

}  // namespace usage
