#pragma once

// What the ledger's tests share: a directory that goes away, rows made up with a fixed seed, and the sums that reports
// must come to, computed here from the rows alone.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <ostream>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include "usage/ledger/ledger.hpp"
#include "usage/ledger/ledger_writer.hpp"
#include "usage/ledger/reports/ledger_reader.hpp"

namespace usage {

/// Found by GoogleTest.
inline void PrintTo(const usage_totals& t, std::ostream* out) {
  *out << t.requests << " requests, " << t.other_requests << " others, input " << t.input_tokens << " ("
       << t.input_uncached_tokens << ", " << t.cache_read_tokens << ", " << t.cache_write_tokens << "), output "
       << t.output_tokens << " (" << t.thinking_tokens << "), errors " << t.errors << ", interrupted " << t.interrupted
       << ", unreported " << t.unreported << ", retries " << t.retries << ", not told " << t.input_unreported << ' '
       << t.cache_read_unreported << ' ' << t.cache_write_unreported << ' ' << t.output_unreported << ' '
       << t.thinking_unreported << ", inconsistent " << t.inconsistent << ", parts " << t.cache_write_1h_tokens << ' '
       << t.audio_input_tokens << ' ' << t.image_input_tokens << ' ' << t.audio_output_tokens << ' '
       << t.image_output_tokens << ", searches " << t.web_searches << ", cost " << t.provider_cost;
}

inline void PrintTo(const usage_group& group, std::ostream* out) {
  *out << '"' << group.key << "\": ";
  PrintTo(group.totals, out);
  *out << ", " << group.first_at << " - " << group.last_at;
}

}  // namespace usage

namespace usage::testing {

inline constexpr std::int64_t hour = 3'600'000;
inline constexpr std::int64_t epoch = 480'000 * hour;  // Unix ms, on the hour, in October 2024
inline constexpr std::int64_t epoch_s = epoch / 1000;

class temporary_ledger {
 public:
  temporary_ledger() {
    std::string name = (std::filesystem::temp_directory_path() / "ledger-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("mkdtemp");
    directory = name;
    options.file = directory / "usage.db";
    options.busy_timeout_ms = 5;
  }
  ~temporary_ledger() { std::filesystem::remove_all(directory); }
  temporary_ledger(const temporary_ledger&) = delete;
  temporary_ledger& operator=(const temporary_ledger&) = delete;

  ledger open() const { return std::move(ledger::open(options)).value(); }
  ledger_reader reader() const { return std::move(ledger_reader::open(options)).value(); }

  std::filesystem::path directory;
  ledger_options options;
};

/// A connection of the test's own, past the ledger.
class raw_database {
 public:
  explicit raw_database(const std::filesystem::path& file) {
    if (sqlite3_open(file.c_str(), &handle_) != SQLITE_OK) throw std::runtime_error("sqlite3_open");
    sqlite3_busy_timeout(handle_, 60'000);
  }
  ~raw_database() { sqlite3_close(handle_); }
  raw_database(const raw_database&) = delete;
  raw_database& operator=(const raw_database&) = delete;

  /// The last value answered, as text.
  std::string run(const std::string& sql) {
    std::string answer;
    const auto keep = [](void* out, int count, char** values, char**) {
      if (count > 0 && values[0]) *static_cast<std::string*>(out) = values[0];
      return 0;
    };
    char* words = nullptr;
    if (sqlite3_exec(handle_, sql.c_str(), keep, &answer, &words) != SQLITE_OK) {
      const std::string failure = words ? words : "unknown";
      sqlite3_free(words);
      throw std::runtime_error(failure);
    }
    return answer;
  }

 private:
  sqlite3* handle_ = nullptr;
};

inline usage_record model_call(std::int64_t started_at, const std::string& model, std::int64_t input,
                               std::int64_t output) {
  usage_record record;
  record.started_at = started_at;
  record.host = "api.example.com";
  record.method = "POST";
  record.path = "/v1/responses";
  record.provider = provider::openai_responses;
  record.kind = call_kind::model;
  record.status = record_status::complete;
  record.http_status = 200;
  record.requested_model = model;
  record.tokens.input_uncached = input;
  record.tokens.output_total = output;
  return record;
}

/// A writer for which it is `epoch`: by any other clock such rows are old enough to be deleted.
inline ledger_writer_options at_epoch() {
  ledger_writer_options options;
  options.now = [] { return epoch; };
  return options;
}

/// Rows over `hours` from `epoch`; no two of one response.
inline std::vector<usage_record> random_rows(std::uint64_t seed, std::size_t count, std::int64_t hours) {
  std::mt19937_64 random(seed);
  const auto below = [&](std::int64_t limit) {
    return std::uniform_int_distribution<std::int64_t>(0, limit - 1)(random);
  };
  const auto maybe = [&]() -> std::optional<std::int64_t> {
    if (below(3) == 0) return std::nullopt;
    return below(100'000);
  };
  const std::array<std::string, 4> names{"", "gpt-5", "gemini-3-pro", "claude"};
  std::vector<usage_record> rows;
  for (std::size_t i = 0; i < count; ++i) {
    usage_record r = model_call(epoch + below(hours * hour), names[below(4)], 0, 0);
    r.host = "host" + std::to_string(below(3)) + ".example.com";
    r.kind = static_cast<call_kind>(below(5) < 3 ? 0 : below(3));
    r.status = static_cast<record_status>(below(4));
    r.provider = static_cast<provider>(below(5));
    r.served_model = names[below(4)];
    r.conversation = below(3) == 0 ? "" : "conversation-" + std::to_string(below(20));
    r.response_id = below(2) == 0 ? "" : "response-" + std::to_string(seed) + "-" + std::to_string(i);
    r.attempt = static_cast<int>(below(3));
    r.executable = i % 2 == 0 ? "" : "/usr/bin/agent" + std::to_string(i % 5);  // drawn, it would change what follows
    r.rules = i % 3 == 0 ? "rule" + std::to_string(i % 4) : "";
    r.tokens = {maybe(), maybe(), maybe(), maybe(), maybe()};
    rows.push_back(r);
  }
  return rows;
}

inline void add(usage_totals& t, const usage_record& r) {
  const bool model = r.kind == call_kind::model;
  const auto known = [](const std::optional<std::int64_t>& tokens) { return tokens.value_or(0); };
  ++(model ? t.requests : t.other_requests);
  t.input_uncached_tokens += known(r.tokens.input_uncached);
  t.cache_read_tokens += known(r.tokens.cache_read);
  t.cache_write_tokens += known(r.tokens.cache_write);
  t.input_tokens += known(r.tokens.input_total());
  t.output_tokens += known(r.tokens.output_total);
  t.thinking_tokens += known(r.tokens.thinking);
  t.errors += model && r.status == record_status::error;
  t.interrupted += model && r.status == record_status::interrupted;
  t.unreported += model && r.status == record_status::unreported;
  t.retries += model && r.attempt > 0;
  t.cache_write_1h_tokens += known(r.tokens.cache_write_1h);
  t.audio_input_tokens += known(r.tokens.audio_input);
  t.image_input_tokens += known(r.tokens.image_input);
  t.audio_output_tokens += known(r.tokens.audio_output);
  t.image_output_tokens += known(r.tokens.image_output);
  t.web_searches += known(r.facts.web_searches);
  t.provider_cost += known(r.facts.provider_cost);
  t.inconsistent += model && r.usage_flags != 0;
  const bool used = model && r.status != record_status::error;
  t.input_unreported += used && !r.tokens.input_total();
  t.cache_read_unreported += used && !r.tokens.cache_read;
  t.cache_write_unreported += used && !r.tokens.cache_write;
  t.output_unreported += used && !r.tokens.output_total;
  t.thinking_unreported += used && !r.tokens.thinking;
}

inline std::string key_of(group_by by, const usage_record& r) {
  switch (by) {
    case group_by::model:
      return r.requested_model.empty() ? r.served_model : r.requested_model;
    case group_by::conversation:
      return r.conversation;
    case group_by::host:
      return r.host;
    case group_by::status:
      return std::string(to_string(r.status));
    case group_by::process:
      return r.executable;
    case group_by::rule:
      return r.rules;
  }
  return {};
}

inline bool within(const time_range& range, const usage_record& r) {
  return r.started_at >= range.start.value_or(0) * 1000 &&
         r.started_at < range.end.value_or(std::int64_t{1} << 40) * 1000;
}

using groups = std::map<std::string, usage_group>;

inline groups expected_groups(group_by by, const time_range& range, const std::vector<usage_record>& rows) {
  groups expected;
  for (const usage_record& r : rows) {
    if (!within(range, r) || (by == group_by::rule && r.rules.empty())) continue;
    const std::string key = key_of(by, r);
    usage_group& group = expected.try_emplace(key, usage_group{key, {}, r.started_at, r.started_at}).first->second;
    add(group.totals, r);
    group.first_at = std::min(group.first_at, r.started_at);
    group.last_at = std::max(group.last_at, r.started_at);
  }
  return expected;
}

inline usage_totals expected_totals(const time_range& range, const std::vector<usage_record>& rows) {
  usage_totals expected;
  for (const usage_record& r : rows)
    if (within(range, r)) add(expected, r);
  return expected;
}

inline groups by_key(const std::vector<usage_group>& listed) {
  groups keyed;
  for (const usage_group& group : listed) keyed.emplace(group.key, group);
  return keyed;
}

inline constexpr std::array every_group{group_by::model,  group_by::conversation, group_by::host,
                                        group_by::status, group_by::process,      group_by::rule};

inline std::vector<usage_record> all_rows(ledger_reader& reader) {
  std::vector<usage_record> rows;
  exchange_query query{max_exchange_rows, std::nullopt, true};
  for (;;) {
    exchange_page page = reader.exchanges(query).value();
    for (usage_record& row : page.rows) rows.push_back(std::move(row));
    if (!page.has_more) return rows;
    query.after = rows.back().id;
  }
}

/// Runs `body` in a child of its own, forked before the test starts any thread; its return value is the exit status.
inline int exit_status_of(const std::function<int()>& body) {
  const pid_t child = fork();
  if (child == 0) {
    int status = 99;
    try {
      status = body();
    } catch (...) {
    }
    _exit(status);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace usage::testing
