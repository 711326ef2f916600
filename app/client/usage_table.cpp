#include "app/client/usage_table.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <functional>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "app/base/json_members.hpp"
#include "app/base/unread_line.hpp"
#include "app/client/text_table.hpp"

namespace app {
namespace {

namespace json = boost::json;

constexpr std::size_t max_unread = 12;  // lines of what was not read; the rest is counted

struct column {
  std::string_view heading;
  std::string_view member;
};

constexpr std::array columns{column{"REQUESTS", "requests"},
                             column{"OTHER", "other_requests"},
                             column{"INPUT", "input_tokens"},
                             column{"CACHE READ", "cache_read_tokens"},
                             column{"CACHE WRITE", "cache_write_tokens"},
                             column{"OUTPUT", "output_tokens"},
                             column{"THINKING", "thinking_tokens"},
                             column{"ERRORS", "errors"},
                             column{"INTERRUPTED", "interrupted"},
                             column{"UNREPORTED", "unreported"}};

/// What some calls do not report, in the words of a sentence.
constexpr std::array reported{column{"input", "input_tokens"}, column{"cache read", "cache_read_tokens"},
                              column{"cache write", "cache_write_tokens"}, column{"output", "output_tokens"},
                              column{"thinking", "thinking_tokens"}};

struct section {
  std::string_view array;
  std::string_view member;
  std::string_view heading;
};

constexpr std::array sections{
    section{"models", "model", "MODEL"},        section{"conversations", "conversation", "CONVERSATION"},
    section{"hosts", "host", "HOST"},           section{"statuses", "status", "STATUS"},
    section{"processes", "process", "PROCESS"}, section{"rules", "rule", "RULE"}};

using row = std::vector<std::string>;  // the name, then a cell per column

std::string name(const json::object& object, std::string_view member) {
  const json::value* value = object.if_contains(member);
  if (!value || !value->is_string()) return "-";
  return cell_text(value->get_string());
}

std::string grouped(std::int64_t value) {
  std::string digits = std::to_string(value);
  const std::size_t first = value < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

row row_of(std::string first, const json::object& entry) {
  row cells{std::move(first)};
  for (const column& each : columns) {
    const json::value* value = entry.if_contains(each.member);
    cells.push_back(!value || value->is_null() ? std::string(not_told) : grouped(number_member(entry, each.member)));
  }
  return cells;
}

row heading_of(std::string_view first) {
  row cells{std::string(first)};
  for (const column& each : columns) cells.emplace_back(each.heading);
  return cells;
}

constexpr bool is_count(std::size_t column) {
  return column != 0;
}

std::vector<const json::object*> entries_of(const json::array& listed) {
  std::vector<const json::object*> entries;
  for (const json::value& each : listed)
    if (each.is_object()) entries.push_back(&each.get_object());
  const auto tokens = [](const json::object* entry) {
    return saturating_sum(number_member(*entry, "input_tokens"), number_member(*entry, "output_tokens"));
  };
  // In the document's order where they are equal.
  std::sort(entries.begin(), entries.end(), [&](const json::object* a, const json::object* b) {
    return tokens(a) != tokens(b) ? tokens(a) > tokens(b) : std::less<>()(a, b);
  });
  return entries;
}

/// Every table ends with the totals: they count also what a long list leaves out.
std::string table_of(const section& which, const json::array& listed, const json::object& totals) {
  std::vector<row> rows{heading_of(which.heading)};
  for (const json::object* entry : entries_of(listed)) rows.push_back(row_of(name(*entry, which.member), *entry));
  rows.push_back(row_of("total", totals));
  return lined_up(rows, is_count) + '\n';
}

/// What the sums do not hold, though it was used, and what contradicts itself in them.
std::string doubts(const json::object& totals) {
  const std::int64_t calls = number_member(totals, "requests") - number_member(totals, "errors");
  const json::object& silent = object_member(totals, "not_reported");
  std::string parts;
  for (const column& each : reported)
    if (const std::int64_t count = number_member(silent, each.member); count > 0)
      parts.append(parts.empty() ? "" : ", ").append(each.heading).append(" (").append(grouped(count)).append(")");
  std::string out;
  if (!parts.empty())
    out += "Not reported by some of the " + grouped(calls) + " calls, which no sum can have: " + parts + ".\n";
  if (const std::int64_t count = number_member(totals, "inconsistent"); count > 0)
    out += "Counts that contradict each other: " + grouped(count) +
           " calls; /v1/usage/exchanges shows them in usage_flags.\n";
  return out.empty() ? out : out + '\n';
}

std::string moment(std::int64_t seconds) {
  const auto time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  std::array<char, 40> text{};
  if (!gmtime_r(&time, &parts)) return std::to_string(seconds);
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &parts)};
}

std::string bypassed(const json::object& interception) {
  std::string out;
  for (const json::value& each : array_member(interception, "bypassed_hosts")) {
    if (!each.is_object()) continue;
    const json::object& host = each.get_object();
    out += "Not intercepted until " + moment(number_member(host, "until")) + ": " + name(host, "program") + " at " +
           name(host, "host") + " (" + name(host, "reason") + ")\n";
  }
  return out;
}

/// A line for each of the latest. Nothing of it is in the sums above.
std::string not_read(const json::array& unread) {
  std::string out;
  std::size_t lines = 0;
  for (const json::value& each : unread) {
    if (!each.is_object()) continue;
    if (++lines > max_unread) continue;
    const json::object& entry = each.get_object();
    out += unread_line({text_member(entry, "host"), text_member(entry, "path"), number_member(entry, "connections"),
                        text_member(entry, "why"), text_member(entry, "words"), text_member(entry, "program")});
    if (const auto bytes = number_member(entry, "bytes")) out += " (" + grouped(bytes) + " bytes)";
    out += "; last at " + moment(number_member(entry, "last_at")) + '\n';
  }
  if (lines > max_unread) out += "… and " + std::to_string(lines - max_unread) + " more that were not read\n";
  return out;
}

/// What a document is about, in the words that differ.
struct subject {
  std::string_view rows;
  std::string_view connections;
};
constexpr subject service_words{"in this range", "since the service started"};
constexpr subject run_words{"in this run", "in this run"};

std::string interception_lines(const json::object& interception, std::string_view when) {
  if (number_member(interception, "connections") == 0) {
    return "Interception: no connection " + std::string(when) + ".\n" + bypassed(interception);
  }
  std::string line = "Interception: " + grouped(number_member(interception, "connections")) + " connections, " +
                     grouped(number_member(interception, "exchanges_seen")) + " exchanges seen, " +
                     grouped(number_member(interception, "exchanges_parsed")) + " parsed, " +
                     grouped(number_member(interception, "exchanges_attributed")) + " attributed";
  if (const std::int64_t last = number_member(interception, "last_exchange_at")) line += "; last at " + moment(last);
  return line + ".\n" + bypassed(interception);
}

std::string table_with(const json::object& document, const subject& about) {
  const json::object& totals = object_member(document, "totals");
  std::string out;
  bool any = false;
  for (const section& which : sections) {
    const json::value* listed = document.if_contains(which.array);
    if (!listed || !listed->is_array() || listed->get_array().empty()) continue;
    any = true;
    out += table_of(which, listed->get_array(), totals);
  }
  if (any) out += doubts(totals);
  const std::string unread = not_read(array_member(document, "unread"));
  if (!any) {
    out += "No model call was recorded " + std::string(about.rows);
    out += unread.empty() ? ".\n\n" : ", but there was traffic that was not read; see below.\n\n";
  }
  return out + interception_lines(object_member(document, "interception"), about.connections) + unread;
}

}  // namespace

std::string usage_table(const boost::json::object& document) {
  return table_with(document, service_words);
}

std::string usage_table_of_run(const boost::json::object& document) {
  return table_with(document, run_words);
}

}  // namespace app
