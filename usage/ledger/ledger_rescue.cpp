#include "usage/ledger/ledger_rescue.hpp"

#include <algorithm>
#include <system_error>
#include <unordered_set>

#include "usage/ledger/page_file.hpp"
#include "usage/ledger/schema_check.hpp"

namespace usage {
namespace {

namespace fs = std::filesystem;

// The columns of the first version's table. Later versions only added columns at its end.
constexpr std::size_t fewest_columns = 33;

std::vector<column_shape> row_shape() {
  sqlite_connection model = model_ledger();
  return columns_of(model, "exchanges");
}

bool fits(const cell& value, const column_shape& shape) {
  if (std::holds_alternative<std::monostate>(value)) return !shape.required;
  return std::holds_alternative<std::string>(value) == (shape.type == "TEXT") &&
         std::holds_alternative<std::int64_t>(value) == (shape.type == "INTEGER");
}

/// Recognised by the number and the types of its values. The id is stored outside the record, and is null inside it.
bool is_exchange(const table_row& row, const std::vector<column_shape>& shape) {
  if (row.values.size() < fewest_columns || row.values.size() > shape.size()) return false;
  if (row.id <= 0 || !std::holds_alternative<std::monostate>(row.values.front())) return false;
  for (std::size_t i = 1; i < row.values.size(); ++i) {
    if (!fits(row.values[i], shape[i])) return false;
  }
  return true;
}

class rescue {
 public:
  rescue(const fs::path& file, const std::function<void(const rescued_row&)>& sink) : file_(file), sink_(sink) {}

  rescue_report run() {
    auto connection = open_as_it_is(file_);
    if (connection) {
      read_table(*connection);
      if (report_.faults.empty()) look_at_pages(*connection);
    } else {
      report_.faults.emplace_back("it cannot be opened as a database");
    }
    connection.reset();
    if (!report_.faults.empty()) read_pages();
    return std::move(report_);
  }

 private:
  std::vector<column_shape> columns_in(sqlite_connection& connection) const {
    std::vector<column_shape> shapes;
    const auto there = columns_of(connection, "exchanges");
    for (const column_shape& each : shape_) {
      if (each.name != "id" && std::ranges::find(there, each.name, &column_shape::name) != there.end())
        shapes.push_back(each);
    }
    return shapes;
  }

  void read_table(sqlite_connection& connection) {
    try {
      const auto shapes = columns_in(connection);
      if (shapes.empty()) throw sqlite_failure(SQLITE_CORRUPT, "the table exchanges is missing");
      std::string sql = "SELECT id";
      std::vector<std::string> names;
      for (const column_shape& each : shapes) sql.append(", ").append(names.emplace_back(each.name));
      sqlite_statement& row = connection.prepared(sql + " FROM exchanges NOT INDEXED ORDER BY id").with();
      while (next(row)) {
        const auto values = row.cells();
        const auto fitting = std::span(values).subspan(1);
        if (std::ranges::equal(fitting, shapes, fits)) {
          give(std::get<std::int64_t>(values.front()), names, fitting);
        } else {
          report_.faults.push_back("the row " + std::to_string(std::get<std::int64_t>(values.front())) + " is damaged");
        }
      }
    } catch (const reading_failed& failure) {
      report_.faults.push_back(failure.words);
    } catch (const sqlite_failure& failure) {
      if (sinking_) throw;
      report_.faults.emplace_back(failure.what());
    }
  }

  struct reading_failed {
    std::string words;
  };

  static bool next(sqlite_statement& row) {
    try {
      return row.step();
    } catch (const sqlite_failure& failure) {
      throw reading_failed{failure.what()};
    }
  }

  /// An inner page that refers to no other page can hide rows without any failure.
  void look_at_pages(sqlite_connection& connection) {
    const auto checked = check_pages(connection, false, [] { return true; });
    report_.faults.insert(report_.faults.end(), checked.faults.begin(), checked.faults.end());
  }

  void read_pages() {
    const auto pages = page_file::open(file_);
    if (!pages) return;
    const auto free = pages->free_pages();
    std::vector<std::string> names;
    for (const column_shape& each : shape_) names.push_back(each.name);
    page_bytes page;
    for (std::uint32_t number = 1; number <= pages->pages(); ++number) {
      if (free.contains(number) || !pages->read(number, page)) continue;
      for (const table_row& row : rows_of_leaf(*pages, number, page)) {
        if (!is_exchange(row, shape_)) continue;
        if (give(row.id, std::span(names).subspan(1, row.values.size() - 1), std::span(row.values).subspan(1)))
          ++report_.from_pages;
      }
    }
  }

  /// False: the row has been given before.
  bool give(std::int64_t id, std::span<const std::string> named, std::span<const cell> values) {
    if (!seen_.insert(id).second) return false;
    ++report_.rows;
    sinking_ = true;
    sink_({id, named, values});
    sinking_ = false;
    return true;
  }

  fs::path file_;
  const std::function<void(const rescued_row&)>& sink_;
  const std::vector<column_shape> shape_ = row_shape();
  std::unordered_set<std::int64_t> seen_;
  rescue_report report_;
  bool sinking_ = false;  // a failure now is the sink's
};

}  // namespace

std::optional<sqlite_connection> open_as_it_is(const fs::path& file) {
  std::error_code ignored;
  if (!fs::is_regular_file(file, ignored)) return std::nullopt;
  try {
    sqlite_connection connection(file, SQLITE_OPEN_READONLY, 1000);
    connection.leave_log();
    connection.number("SELECT count(*) FROM sqlite_schema");
    return connection;
  } catch (const sqlite_failure&) {
    return std::nullopt;
  }
}

std::vector<std::string> rescued_columns() {
  std::vector<std::string> names;
  for (const column_shape& each : row_shape()) {
    if (each.name != "id") names.push_back(each.name);
  }
  return names;
}

rescue_report rescue_rows(const fs::path& file, const std::function<void(const rescued_row&)>& sink) {
  return rescue(file, sink).run();
}

}  // namespace usage
