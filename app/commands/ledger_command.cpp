#include "app/commands/ledger_command.hpp"

#include <algorithm>
#include <string_view>
#include <variant>
#include <vector>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "app/ledger_api/usage_json.hpp"
#include "net/file/access_words.hpp"
#include "usage/ledger/ledger_check.hpp"
#include "usage/ledger/ledger_repair.hpp"
#include "usage/ledger/ledger_rescue.hpp"

namespace app {
namespace {

exit_code refuse(ledger_output output, std::string_view why) {
  output.err << "zerogravity ledger: " << why << '\n';
  return exit_code::bad_state;
}

void print_faults(std::ostream& out, const std::vector<std::string>& faults) {
  for (const auto& each : faults) out << "  " << net::utf8::printable(each, std::string_view::npos) << '\n';
}

exit_code check(const usage::ledger_options& options, ledger_output output) {
  const auto found = usage::check_ledger(options);
  if (!found) return refuse(output, found.error().message);
  output.out << options.file.string() << ": " << (found->faults.empty() ? "whole" : "damaged");
  for (const auto& fact : found->facts) output.out << ", " << fact;
  output.out << '\n';
  if (found->faults.empty()) return exit_code::ok;
  print_faults(output.out, found->faults);
  if (!found->foreign) output.out << "run: zerogravity ledger repair\n";
  return exit_code::failed;
}

exit_code repair(const usage::ledger_options& options, ledger_output output,
                 std::chrono::system_clock::time_point now) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  const auto done = usage::repair_ledger(options, fmt::format("{:%Y%m%dT%H%M%SZ}", fmt::gmtime(seconds)));
  if (!done) return refuse(output, done.error().message);
  if (done->faults.empty()) {
    output.out << options.file.string() << " is whole; nothing to repair\n";
    return exit_code::ok;
  }
  output.out << options.file.string() << " was damaged:\n";
  print_faults(output.out, done->faults);
  if (!done->put_aside.empty()) {
    output.out << done->rows << " rows were kept, " << done->from_pages << " of them from damaged parts\n"
               << "the damaged file is " << done->put_aside.string() << '\n';
  }
  if (done->came_over != 0)
    output.out << done->came_over << " rows were added that the service had written to a separate file\n";
  for (const auto& each : done->remarks) output.out << each << '\n';
  return exit_code::ok;
}

boost::json::value json_of(const usage::cell& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
  if (const auto* words = std::get_if<std::string>(&value)) return text(*words);
  if (const auto* real = std::get_if<double>(&value)) return *real;
  return nullptr;
}

std::string csv_of(const usage::cell& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  if (const auto* real = std::get_if<double>(&value)) return fmt::format("{}", *real);
  const auto* words = std::get_if<std::string>(&value);
  if (words == nullptr) return {};
  const std::string plain = net::utf8::printable(*words, std::string_view::npos);
  if (plain.find_first_of(",\"\r\n") == std::string::npos) return plain;
  std::string quoted = "\"";
  for (const char c : plain) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

void print_json(std::ostream& out, const usage::rescued_row& row) {
  boost::json::object line{{"id", row.id}};
  for (std::size_t i = 0; i < row.columns.size(); ++i) line[row.columns[i]] = json_of(row.values[i]);
  out << boost::json::serialize(line) << '\n';
}

void print_csv(std::ostream& out, const usage::rescued_row& row, const std::vector<std::string>& all) {
  out << row.id;
  for (const auto& name : all) {
    const auto found = std::ranges::find(row.columns, name);
    out << ',';
    if (found != row.columns.end()) out << csv_of(row.values[static_cast<std::size_t>(found - row.columns.begin())]);
  }
  out << '\n';
}

exit_code export_rows(const usage::ledger_options& options, bool csv, ledger_output output) {
  if (const auto words = net::access_words(options.file, net::file_access::read); !words.empty())
    return refuse(output, "cannot read the ledger " + options.file.string() + ": " + words);
  const auto all = usage::rescued_columns();
  if (csv) {
    output.out << "id";
    for (const auto& name : all) output.out << ',' << name;
    output.out << '\n';
  }
  const auto report = usage::rescue_rows(options.file, [&](const usage::rescued_row& row) {
    csv ? print_csv(output.out, row, all) : print_json(output.out, row);
  });
  if (!output.out.flush()) return refuse(output, "the rows could not be printed");
  if (report.faults.empty()) return exit_code::ok;
  output.err << "zerogravity ledger: " << options.file.string() << " is damaged; " << report.rows
             << " rows could be read, " << report.from_pages << " of them from damaged parts:\n";
  print_faults(output.err, report.faults);
  return report.rows == 0 ? exit_code::bad_state : exit_code::failed;
}

}  // namespace

exit_code run_ledger_command(const ledger_command& asked, const config& values, ledger_output output,
                             std::chrono::system_clock::time_point now) {
  usage::ledger_options options{.file = asked.file.empty() ? values.ledger.file : std::filesystem::path(asked.file),
                                .retention_days = static_cast<std::int64_t>(values.ledger.retention_days),
                                .max_bytes = static_cast<std::int64_t>(values.ledger.max_size),
                                .busy_timeout_ms = values.ledger.busy_timeout.count()};
  switch (asked.action) {
    case ledger_command::action_of::check:
      return check(options, output);
    case ledger_command::action_of::repair:
      return repair(options, output, now);
    case ledger_command::action_of::export_rows:
      return export_rows(options, asked.csv, output);
  }
  return exit_code::failed;
}

}  // namespace app
