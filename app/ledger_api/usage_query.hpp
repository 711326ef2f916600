#pragma once

// The query strings of the usage endpoints. Pure: text in, a query or a refusal out. An unknown parameter is refused,
// since figures over another range than the one meant would look right.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/system/result.hpp>

#include "usage/ledger/usage_totals.hpp"
#include "usage/limits/account_window.hpp"

namespace app {

/// Rendered by the API as an error of OpenAI's shape.
struct query_error {
  unsigned status = 400;
  std::string message;
  std::string param;
};

template <class T>
using query_result = boost::system::result<T, query_error>;

/// For result::value().
[[noreturn]] void throw_exception_from_error(const query_error& error, const boost::source_location& where);

/// GET /v1/usage?start_time=&end_time=&group_by=: times in Unix seconds, [start, end). group_by may be repeated and
/// selects the arrays of the answer; without it they are models and conversations.
struct usage_query {
  usage::time_range range;
  std::vector<usage::group_by> groups;
};

query_result<usage_query> parse_usage_query(std::string_view query);

inline constexpr std::int64_t default_exchange_rows = 100;

/// GET /v1/usage/exchanges?limit=&after=&order=: newest first, or order=asc. `after` is the last_id of the page before.
query_result<usage::exchange_query> parse_exchange_query(std::string_view query);

/// GET /v1/organization/usage/completions?start_time=&end_time=&bucket_width=&group_by=&limit=&page=, one page of it.
/// Buckets are whole minutes, hours or days of UTC; limits per page as at OpenAI: 1m 60 (at most 1440), 1h 24 (168), 1d
/// 7 (31). Of group_by only `model` makes a difference: the other names that OpenAI knows are null here.
struct completions_query {
  usage::bucket_query buckets;
  std::optional<std::int64_t> next_start;  // of the next page, Unix seconds
};

/// `now` in Unix seconds ends a range that has no end_time.
query_result<completions_query> parse_completions_query(std::string_view query, std::int64_t now);

inline constexpr std::int64_t default_reconciled = 100;
inline constexpr std::int64_t max_reconciled = 1000;

/// GET /v1/usage/reconcile?conversation=&start_time=&limit=: one conversation, or those with a call since then, the
/// latest first.
struct reconcile_query {
  std::string conversation;                // empty: all
  std::optional<std::int64_t> start_time;  // Unix seconds
  std::int64_t limit = default_reconciled;
};

query_result<reconcile_query> parse_reconcile_query(std::string_view query);

inline constexpr std::int64_t default_changes = 100;
inline constexpr std::int64_t max_changes = 1000;

/// GET /v1/limits?account=&host=&window=&history=&limit=&after=: the latest of each window or, with history=1, what
/// they were, page by page.
struct limits_query {
  usage::window_query windows;
  bool history = false;
};

query_result<limits_query> parse_limits_query(std::string_view query);

inline constexpr std::int64_t default_verified = 100;
inline constexpr std::int64_t max_verified = 1000;

/// GET /v1/usage/verify?limit= and POST /v1/usage/verify?apply=1&limit=: how many differences are told one by one.
struct verify_query {
  std::int64_t limit = default_verified;
};

/// `apply`: the parameter of that name must be there, and 1; else it must not.
query_result<verify_query> parse_verify_query(std::string_view query, bool apply);

/// The value of next_page and page.
std::string page_token(std::int64_t start);

}  // namespace app
