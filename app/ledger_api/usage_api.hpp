#pragma once

// The JSON documents of the usage endpoints. Pure: the ledger's answers in, documents out. The HTTP API calls it after
// it has parsed the query (usage_query.hpp) and read the ledger. Errors are rendered elsewhere. Times are Unix seconds
// unless a member ends in _ms; unknown values are null.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "app/ledger_api/usage_query.hpp"
#include "usage/ledger/usage_totals.hpp"
#include "usage/unread_note.hpp"

namespace app {

/// One program at one host.
struct bypassed_host {
  std::string host;
  std::string program;  // path, or by what it is told apart
  std::optional<std::int64_t> uid;
  std::int64_t until = 0;  // Unix seconds
  std::string reason;
};

/// What the interceptor has seen since it started.
struct interception_report {
  std::int64_t connections = 0;
  std::int64_t exchanges_seen = 0;
  std::int64_t exchanges_parsed = 0;
  std::int64_t exchanges_attributed = 0;
  std::optional<std::int64_t> last_exchange_at;  // Unix seconds
  std::vector<bypassed_host> bypassed_hosts;
};

/// GET /v1/usage: totals, one array per group of the summary (models, conversations, hosts, statuses, processes), what
/// was not read, and interception. Groups without a model call are left out; rows of no conversation are
/// "unattributed", of no model "unknown".
boost::json::object render_usage(const usage::usage_summary& summary, const interception_report& interception,
                                 const std::vector<usage::unread_note>& unread = {});

/// The same in two parts, as text: what the ledger says can be kept, what the interceptor has seen changes all the
/// time.
std::string render_sums(const usage::usage_summary& summary, const std::vector<usage::unread_note>& unread);
std::string with_interception(std::string_view sums, const interception_report& interception,
                              const std::string& notice = {});

/// Each count by itself; null: not reported.
boost::json::object tokens_object(const usage::token_usage& tokens);
/// What does not add up, by name (usage_flag).
boost::json::array usage_flag_words(std::uint8_t flags);

/// One row, as it is in every list of rows.
boost::json::object exchange_object(const usage::usage_record& row);

/// GET /v1/usage/exchanges.
boost::json::object render_exchanges(const usage::exchange_page& page);

/// GET /v1/organization/usage/completions, in the shape of OpenAI's usage API.
boost::json::object render_completions(const std::vector<usage::usage_bucket>& buckets, const completions_query& query);

}  // namespace app
