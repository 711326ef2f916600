#include "app/ledger_api/usage_routes.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include <boost/json/serialize.hpp>

#include "app/http/error_answer.hpp"
#include "app/ledger_api/usage_api.hpp"
#include "app/ledger_api/usage_json.hpp"
#include "app/ledger_api/usage_query.hpp"

namespace app {
namespace {

std::int64_t unix_seconds(std::chrono::system_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

api_response refused(const query_error& error) {
  return to_response(invalid_parameter(error.param, error.message));
}

asio::awaitable<api_response> usage(usage_sources sources, api_request request) {
  const auto query = parse_usage_query(request.query);
  if (!query) co_return refused(query.error());
  const auto sums = co_await sources.reports.answer(
      report_key(request), [&query](usage::ledger_reader& reader) -> ledger_reports::made_text {
        const auto summary = reader.summary(query->groups, query->range);
        if (!summary) return summary.error();
        const auto unread = reader.unread(query->range);
        if (!unread) return unread.error();
        return render_sums(*summary, *unread);
      });
  if (!sums) co_return sums.error();
  co_return api_response{
      .body = with_interception(**sums, interception_of(sources.counters, sources.bypassed, sources.connections),
                                sources.writer.state().trouble)};
}

asio::awaitable<api_response> exchanges(usage_sources sources, api_request request) {
  const auto query = parse_exchange_query(request.query);
  if (!query) co_return refused(query.error());
  const auto page = co_await sources.reports.answer(
      report_key(request), [&query](usage::ledger_reader& reader) -> ledger_reports::made_text {
        const auto rows = reader.exchanges(*query);
        if (!rows) return rows.error();
        return boost::json::serialize(render_exchanges(*rows));
      });
  if (!page) co_return page.error();
  co_return api_response{.body = **page};
}

asio::awaitable<api_response> completions(usage_sources sources, api_request request) {
  const auto query = parse_completions_query(request.query, unix_seconds(std::chrono::system_clock::now()));
  if (!query) co_return refused(query.error());
  // A range that ends now ends with the minute: no bucket is shorter.
  const auto key = report_key(request) + '@' + std::to_string((query->buckets.end + 59) / 60);
  const auto buckets =
      co_await sources.reports.answer(key, [&query](usage::ledger_reader& reader) -> ledger_reports::made_text {
        const auto read = reader.buckets(query->buckets);
        if (!read) return read.error();
        return boost::json::serialize(render_completions(*read, *query));
      });
  if (!buckets) co_return buckets.error();
  co_return api_response{.body = **buckets};
}

}  // namespace

std::string report_key(const api_request& request) {
  return request.path + '?' + request.query;
}

interception_report interception_of(const metrics& counters, const mitm::bypass_list& bypassed,
                                    const mitm::interceptor& connections) {
  const auto counts = counters.interception();
  interception_report report;
  report.connections = static_cast<std::int64_t>(counts.connections + connections.open_connections());
  report.exchanges_seen = static_cast<std::int64_t>(counts.exchanges_seen);
  report.exchanges_parsed = static_cast<std::int64_t>(counts.exchanges_parsed);
  report.exchanges_attributed = static_cast<std::int64_t>(counts.exchanges_attributed);
  if (counts.last_exchange_at != 0) report.last_exchange_at = counts.last_exchange_at / 1000;
  const auto now = std::chrono::system_clock::now();
  for (const auto& each : bypassed.snapshot(mitm::bypass_list::instant::clock::now(), now)) {
    report.bypassed_hosts.push_back(
        {each.host, name_of(each.program), each.program.user, unix_seconds(each.until), each.reason});
  }
  return report;
}

std::vector<api_route> usage_routes(usage_sources sources) {
  const auto route = [sources](std::string path, auto handler) {
    return api_route{"GET", std::move(path),
                     [sources, handler](api_request request) { return handler(sources, std::move(request)); }, false,
                     true};
  };
  return {route("/v1/usage", usage), route("/v1/usage/exchanges", exchanges),
          route("/v1/organization/usage/completions", completions)};
}

}  // namespace app
