#include "bench/reports/reports_bench.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <spdlog/fmt/fmt.h>

#include "bench/common/process_cost.hpp"
#include "bench/common/scratch_directory.hpp"
#include "usage/ledger/ledger.hpp"
#include "usage/ledger/reports/ledger_reader.hpp"

namespace bench {
namespace {

constexpr std::int64_t day = 86'400;
constexpr int times = 5;
constexpr double most_ms = 50;
constexpr double most_conversation_ms = 5;
constexpr double most_verify_ms = 1000;

struct named_range {
  std::string name;
  usage::time_range range;
};

struct named_group {
  std::string name;
  std::optional<usage::group_by> by;
};

using by = usage::group_by;
const std::array groups{named_group{"in all", {}},
                        named_group{"by model", by::model},
                        named_group{"by conversation", by::conversation},
                        named_group{"by host", by::host},
                        named_group{"by status", by::status},
                        named_group{"by process", by::process},
                        named_group{"by rule", by::rule}};

/// Unix seconds of the first and the last row.
struct extent {
  std::int64_t first = 0;
  std::int64_t last = 0;
};

template <class T>
T value_of(usage::ledger_result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

usage::ledger_reader reader_of(const std::filesystem::path& file) {
  return value_of(usage::ledger_reader::open({.file = file}));
}

extent extent_of(const std::filesystem::path& file) {
  extent out{std::numeric_limits<std::int64_t>::max(), 0};
  auto reader = reader_of(file);
  for (const auto& host : value_of(reader.report(by::host, {}))) {
    out.first = std::min(out.first, host.first_at / 1000);
    out.last = std::max(out.last, host.last_at / 1000);
  }
  if (out.last == 0) throw std::runtime_error("the ledger has no rows");
  return out;
}

/// An odd range: neither edge is on the hour.
std::vector<named_range> ranges_of(const extent& of) {
  const std::int64_t end = of.last + 1;
  const std::int64_t length = end - of.first;
  return {{"whole history", {}},
          {"last 24 h", {end - day, {}}},
          {"last 7 d", {end - 7 * day, {}}},
          {"last 30 d", {end - 30 * day, {}}},
          {"all but the first day", {of.first + day + 1234, {}}},
          {"all but the last day", {{}, end - day - 1234}},
          {"the middle three fifths", {of.first + length / 5 + 1234, end - length / 5 - 4321}}};
}

/// Drops the file's pages from the page cache, unless another process uses them.
void forget(const std::filesystem::path& file) {
  const int opened = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (opened < 0) throw std::runtime_error("cannot open " + file.string());
  ::fsync(opened);
  ::posix_fadvise(opened, 0, 0, POSIX_FADV_DONTNEED);
  ::close(opened);
}

double read_ms(usage::ledger_reader& reader, const named_group& group, const usage::time_range& range) {
  const auto began = monotonic_ns();
  if (group.by) {
    value_of(reader.report(*group.by, range));
  } else {
    value_of(reader.totals(range));
  }
  return static_cast<double>(monotonic_ns() - began) / 1e6;
}

/// Measures first with nothing of the file in the page cache, then the fastest of a few runs with it.
void measure(findings& out, const std::filesystem::path& file, const named_range& range, const named_group& group) {
  forget(file);
  auto reader = reader_of(file);
  const double cold = read_ms(reader, group, range.range);
  double warm = cold;
  for (int i = 0; i < times; ++i) warm = std::min(warm, read_ms(reader, group, range.range));
  const std::string name = range.name + ", " + group.name;
  out.add(name + ", from disk", cold, "ms");
  out.add(name, warm, "ms", most_ms);
}

template <class Ask>
double fastest_ms(Ask ask) {
  double fastest = std::numeric_limits<double>::max();
  for (int i = 0; i < times; ++i) {
    const auto began = monotonic_ns();
    ask();
    fastest = std::min(fastest, static_cast<double>(monotonic_ns() - began) / 1e6);
  }
  return fastest;
}

void measure_conversations(findings& out, usage::ledger_reader& reader) {
  const auto names = value_of(reader.report(by::conversation, {}));
  if (names.empty()) throw std::runtime_error("the ledger has no conversation");
  const std::string& name = names[names.size() / 2].key;
  out.add("one conversation", fastest_ms([&] { value_of(reader.conversation(name)); }), "ms", most_conversation_ms);
}

/// First as after an update of the program that reads usage otherwise, then as ever after.
void measure_verifying(findings& out, const std::filesystem::path& file) {
  forget(file);
  auto reader = reader_of(file);
  const auto began = monotonic_ns();
  const auto all = value_of(reader.read_again());
  out.add("reading every row again, from disk", static_cast<double>(monotonic_ns() - began) / 1e6, "ms");
  if (all.differing != 0) throw std::runtime_error("rows differ from what they were booked as");
  if (all.verified_before == 0) {
    out.add("rows read again", static_cast<double>(all.read), "rows");
    out.add("reading every row again", fastest_ms([&] { value_of(reader.read_again()); }), "ms", most_verify_ms);
  }
  if (all.verified) {
    const std::vector<usage::ledger_entry> mark{*all.verified};
    value_of(value_of(usage::ledger::open({.file = file})).write(mark));
  }
  out.add("verifying, nothing new", fastest_ms([&] { value_of(reader.read_again()); }), "ms", most_verify_ms);
}

}  // namespace

findings measure_reports(const reports_options& options) {
  findings out{.bench = "reports", .figures = {}, .distributions = {}, .notes = {}};
  const scratch_directory work;
  const std::filesystem::path file = options.file.empty() ? work.path / "usage.db" : options.file;
  if (!std::filesystem::exists(file)) {
    const auto began = monotonic_ns();
    grow(file, options.ledger);
    const double seconds = static_cast<double>(monotonic_ns() - began) / 1e9;
    out.add("rows written, 10 000 in a commit", static_cast<double>(options.ledger.rows) / seconds, "rows/s");
  }
  // Opening it migrates it, and copies its log to the file.
  value_of(usage::ledger::open({.file = file}));
  out.add("size of the file", static_cast<double>(std::filesystem::file_size(file)) / 1e6, "MB");
  for (const named_range& range : ranges_of(extent_of(file)))
    for (const named_group& group : groups) measure(out, file, range, group);
  auto reader = reader_of(file);
  measure_conversations(out, reader);
  measure_verifying(out, file);
  return out;
}

}  // namespace bench
