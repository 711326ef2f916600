#include "app/ledger_api/usage_query.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <utility>

#include <boost/throw_exception.hpp>

#include "net/text/ascii.hpp"
#include "net/text/percent.hpp"
#include "net/text/utf8.hpp"
#include "usage/ledger/reports/ledger_reader.hpp"

namespace app {
namespace {

using usage::bucket_width;
using usage::group_by;

constexpr std::int64_t max_time = 253'402'300'799;  // the last second of the year 9999
constexpr std::string_view page_prefix = "page_";

using parameter = net::text::form_field;  // its name without the [] of arrays

std::vector<parameter> parameters_of(std::string_view query) {
  std::vector<parameter> parameters;
  while (!query.empty()) {
    if (query.starts_with('&')) {
      query.remove_prefix(1);
      continue;
    }
    auto& name = parameters.emplace_back(net::text::take_form_field(query)).name;
    if (name.ends_with("[]")) name.resize(name.size() - 2);
  }
  return parameters;
}

query_error refusal(const parameter& given, const std::string& expected) {
  return {400, "Invalid value for '" + given.name + "': expected " + expected + ".", given.name};
}

query_error unknown(const parameter& given) {
  return {400, "Unknown parameter: '" + given.name + "'.", given.name};
}

std::optional<std::int64_t> number_in(std::string_view text, std::int64_t least, std::int64_t most) {
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size() || value < least || value > most) return std::nullopt;
  return value;
}

using check = std::optional<query_error>;

check read_number(const parameter& given, std::int64_t most, std::optional<std::int64_t>& out) {
  const std::int64_t least = given.name == "limit" ? 1 : 0;
  out = number_in(given.value, least, most);
  if (out) return std::nullopt;
  return refusal(given, "an integer from " + std::to_string(least) + " to " + std::to_string(most));
}

check read_time(const parameter& given, std::optional<std::int64_t>& out) {
  out = number_in(given.value, 0, max_time);
  return out ? check() : refusal(given, "Unix seconds");
}

check in_order(const std::optional<std::int64_t>& start, const std::optional<std::int64_t>& end) {
  if (!start || !end || *start < *end) return std::nullopt;
  return query_error{400, "Invalid value for 'end_time': expected a time after start_time.", "end_time"};
}

check read_group(const parameter& given, std::vector<group_by>& out) {
  using namespace std::string_view_literals;
  constexpr std::array names{
      std::pair{"model"sv, group_by::model},     std::pair{"conversation"sv, group_by::conversation},
      std::pair{"host"sv, group_by::host},       std::pair{"status"sv, group_by::status},
      std::pair{"process"sv, group_by::process}, std::pair{"rule"sv, group_by::rule}};
  for (const auto& [name, group] : names) {
    if (given.value != name) continue;
    if (std::find(out.begin(), out.end(), group) == out.end()) out.push_back(group);
    return std::nullopt;
  }
  return refusal(given, "model, conversation, host, status, process or rule");
}

struct width_limits {
  std::string_view name;
  bucket_width width;
  std::int64_t usual;
  std::int64_t most;
};

constexpr std::array widths{width_limits{"1m", bucket_width::minute, 60, 1440},
                            width_limits{"1h", bucket_width::hour, 24, 168},
                            width_limits{"1d", bucket_width::day, 7, 31}};
static_assert(widths[0].most <= usage::max_report_buckets);

struct completions_parameters {
  std::optional<std::int64_t> start;
  std::optional<std::int64_t> end;
  std::optional<std::int64_t> limit;
  std::optional<std::int64_t> page;
  const width_limits* width = &widths.back();
  bool by_model = false;
};

check read_width(const parameter& given, completions_parameters& out) {
  for (const width_limits& known : widths) {
    if (given.value != known.name) continue;
    out.width = &known;
    return std::nullopt;
  }
  return refusal(given, "1m, 1h or 1d");
}

check read_openai_group(const parameter& given, completions_parameters& out) {
  constexpr std::array<std::string_view, 5> always_null{"project_id", "user_id", "api_key_id", "batch", "service_tier"};
  if (given.value == "model") {
    out.by_model = true;
  } else if (std::find(always_null.begin(), always_null.end(), given.value) == always_null.end()) {
    return refusal(given, "project_id, user_id, api_key_id, model, batch or service_tier");
  }
  return std::nullopt;
}

check read_page(const parameter& given, completions_parameters& out) {
  const std::string_view value = given.value;
  if (value.starts_with(page_prefix)) out.page = number_in(value.substr(page_prefix.size()), 0, max_time);
  return out.page ? check() : refusal(given, "the next_page of an earlier answer");
}

check read_completions(const parameter& given, completions_parameters& out) {
  if (given.name == "start_time") return read_time(given, out.start);
  if (given.name == "end_time") return read_time(given, out.end);
  if (given.name == "bucket_width") return read_width(given, out);
  if (given.name == "group_by") return read_openai_group(given, out);
  if (given.name == "limit") return read_number(given, widths[0].most, out.limit);
  if (given.name == "page") return read_page(given, out);
  return unknown(given);
}

completions_query page_of(const completions_parameters& given, std::int64_t first, std::int64_t now) {
  const std::int64_t width = usage::seconds_of(given.width->width);
  const std::int64_t start = std::max(first, given.page.value_or(0)) / width * width;
  const std::int64_t end = given.end.value_or(std::max(now, first));
  const std::int64_t page_end = start + given.limit.value_or(given.width->usual) * width;
  completions_query query{
      {start, std::clamp(page_end, start, std::max(start, end)), given.width->width, given.by_model}, std::nullopt};
  if (page_end < end) query.next_start = page_end;
  return query;
}

}  // namespace

void throw_exception_from_error(const query_error& error, const boost::source_location& where) {
  boost::throw_exception(std::runtime_error(error.message), where);
}

query_result<usage_query> parse_usage_query(std::string_view query) {
  usage_query parsed;
  for (const parameter& given : parameters_of(query)) {
    check wrong = unknown(given);
    if (given.name == "start_time") wrong = read_time(given, parsed.range.start);
    if (given.name == "end_time") wrong = read_time(given, parsed.range.end);
    if (given.name == "group_by") wrong = read_group(given, parsed.groups);
    if (wrong) return *wrong;
  }
  if (const check wrong = in_order(parsed.range.start, parsed.range.end)) return *wrong;
  if (parsed.groups.empty()) parsed.groups = {group_by::model, group_by::conversation};
  return parsed;
}

query_result<usage::exchange_query> parse_exchange_query(std::string_view query) {
  usage::exchange_query parsed;
  std::optional<std::int64_t> limit = default_exchange_rows;
  for (const parameter& given : parameters_of(query)) {
    check wrong = unknown(given);
    if (given.name == "limit") wrong = read_number(given, usage::max_exchange_rows, limit);
    if (given.name == "after") wrong = read_number(given, INT64_MAX, parsed.after);
    if (given.name == "order") {
      parsed.ascending = given.value == "asc";
      wrong = parsed.ascending || given.value == "desc" ? check() : refusal(given, "asc or desc");
    }
    if (wrong) return *wrong;
  }
  parsed.limit = *limit;
  return parsed;
}

query_result<completions_query> parse_completions_query(std::string_view query, std::int64_t now) {
  completions_parameters given;
  for (const parameter& each : parameters_of(query))
    if (const check wrong = read_completions(each, given)) return *wrong;
  if (!given.start) return query_error{400, "Missing required parameter: 'start_time'.", "start_time"};
  if (const check wrong = in_order(given.start, given.end)) return *wrong;
  if (given.limit && *given.limit > given.width->most)
    return refusal({"limit", ""}, "an integer from 1 to " + std::to_string(given.width->most) +
                                      " with bucket_width=" + std::string(given.width->name));
  return page_of(given, *given.start, now);
}

query_result<reconcile_query> parse_reconcile_query(std::string_view query) {
  reconcile_query parsed;
  std::optional<std::int64_t> limit = default_reconciled;
  for (const parameter& given : parameters_of(query)) {
    check wrong = unknown(given);
    if (given.name == "conversation") {
      parsed.conversation = given.value;
      wrong = given.value.empty() ? refusal(given, "the id of a conversation") : check();
    }
    if (given.name == "start_time") wrong = read_time(given, parsed.start_time);
    if (given.name == "limit") wrong = read_number(given, max_reconciled, limit);
    if (wrong) return *wrong;
  }
  parsed.limit = *limit;
  return parsed;
}

query_result<limits_query> parse_limits_query(std::string_view query) {
  limits_query parsed;
  std::optional<std::int64_t> limit;
  const parameter* paging = nullptr;
  const auto given_parameters = parameters_of(query);
  for (const parameter& given : given_parameters) {
    check wrong = unknown(given);
    const auto take = [&](std::string& into) {
      into = net::text::lowered(given.value);
      wrong = into.empty() || !net::utf8::is_valid(into) ? refusal(given, "a name") : check();
    };
    if (given.name == "account") take(parsed.windows.account);
    if (given.name == "host") take(parsed.windows.host);
    if (given.name == "window") take(parsed.windows.window);
    if (given.name == "history") {
      parsed.history = given.value == "1";
      wrong = parsed.history || given.value == "0" ? check() : refusal(given, "0 or 1");
    }
    if (given.name == "limit") wrong = read_number(given, max_changes, limit);
    if (given.name == "after") wrong = read_number(given, INT64_MAX, parsed.windows.after);
    if (given.name == "limit" || given.name == "after") paging = &given;
    if (wrong) return *wrong;
  }
  if (paging && !parsed.history) return refusal(*paging, "history=1 beside it");
  parsed.windows.limit = limit.value_or(default_changes);
  return parsed;
}

query_result<verify_query> parse_verify_query(std::string_view query, bool apply) {
  std::optional<std::int64_t> limit = default_verified;
  bool asked = false;
  for (const parameter& given : parameters_of(query)) {
    check wrong = unknown(given);
    if (given.name == "limit") wrong = read_number(given, max_verified, limit);
    if (apply && given.name == "apply") {
      asked = given.value == "1";
      wrong = asked ? check() : refusal(given, "1");
    }
    if (wrong) return *wrong;
  }
  if (apply && !asked) return query_error{400, "Missing parameter: 'apply'.", "apply"};
  return verify_query{*limit};
}

std::string page_token(std::int64_t start) {
  return std::string(page_prefix) + std::to_string(start);
}

}  // namespace app
