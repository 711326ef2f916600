#include "app/ledger_api/conversation_routes.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include <boost/json/serialize.hpp>

#include "app/accounting/server_listing.hpp"
#include "app/base/wall_clock.hpp"
#include "app/http/error_answer.hpp"
#include "app/ledger_api/ledger_reports.hpp"
#include "app/ledger_api/usage_conversation.hpp"
#include "app/ledger_api/usage_query.hpp"
#include "app/ledger_api/usage_reconcile.hpp"
#include "usage/json/utf8.hpp"

namespace app {
namespace {

using usage::ledger_reader;
using usage::reconciliation;

constexpr std::int64_t day_ms = 24 * 3'600'000;

api_error unknown_conversation() {
  return {404, "invalid_request_error", "unknown_conversation", "No conversation with this id is known."};
}

asio::awaitable<api_response> conversation(conversation_sources sources, api_request request) {
  const std::string id = request.arguments.at(0);
  const auto record = co_await sources.usage.reports.answer(
      report_key(request), [&id](ledger_reader& reader) -> ledger_reports::made_text {
        const auto found = reader.conversation(id);
        if (!found) return found.error();
        if (!*found) return std::optional<std::string>();
        return boost::json::serialize(render_conversation(**found));
      });
  if (!record) co_return record.error();
  if (!*record) co_return to_response(unknown_conversation());
  co_return api_response{.body = **record};
}

asio::awaitable<server_asked> ask_server(conversation_sources sources, const reconcile_query& query) {
  server_asked asked;
  asked.configured = sources.server.configured();
  if (!asked.configured) co_return asked;
  const auto session = co_await sources.server.dispatcher().session();
  if (session.has_error()) {
    asked.whole = false;
    asked.error = session.error().message;
    co_return asked;
  }
  listing_request wanted;
  wanted.cascade_id = query.conversation;
  wanted.limit = static_cast<std::size_t>(query.limit);
  const auto outcome = co_await list_server_calls(
      (*session)->calls, {sources.attribution, sources.usage.writer, sources.usage.blocking}, std::move(wanted));
  asked.cascades = static_cast<std::int64_t>(outcome.cascades);
  asked.whole = outcome.whole;
  asked.error = outcome.error;
  asked.unknown = outcome.unknown;
  co_return asked;
}

/// Neither side has a call of the one that was asked for, and both could be asked.
bool nobody_knows(const reconcile_query& query, const reconcile_report& report) {
  if (query.conversation.empty() || (report.server.configured && !report.server.unknown)) return false;
  return std::ranges::all_of(report.conversations,
                             [](const reconciliation& each) { return each.wire_calls == 0 && each.server_calls == 0; });
}

struct compared {
  std::vector<reconciliation> conversations;
  bool has_more = false;
};

/// One conversation at a time: only the differences are kept.
usage::ledger_result<compared> compare(ledger_reader& reader, const reconcile_query& query, std::int64_t since) {
  compared all;
  std::vector<std::string> names{query.conversation};
  if (query.conversation.empty()) {
    auto found = reader.compared({since, query.limit + 1});
    if (!found) return found.error();
    names = std::move(*found);
    all.has_more = names.size() > static_cast<std::size_t>(query.limit);
    if (all.has_more) names.pop_back();
  }
  for (std::string& name : names) {
    const auto sides = reader.sides(name);
    if (!sides) return sides.error();
    all.has_more = all.has_more || sides->truncated;
    all.conversations.push_back(usage::reconcile(std::move(name), {sides->rows, sides->calls, sides->turns}));
  }
  return all;
}

asio::awaitable<api_response> reconcile(conversation_sources sources, api_request request) {
  const auto query = parse_reconcile_query(request.query);
  if (!query) co_return to_response(invalid_parameter(query.error().param, query.error().message));
  if (!usage::utf8::is_valid(query->conversation)) co_return to_response(unknown_conversation());
  reconcile_report report;
  report.server = co_await ask_server(sources, *query);
  const std::int64_t since = query->start_time ? *query->start_time * 1000 : unix_ms() - day_ms;
  report.attribution = sources.attribution.counts();
  // What the server was asked for just now is in it: no other answer is the same.
  const auto document =
      co_await sources.usage.reports.answer({}, [&](ledger_reader& reader) -> ledger_reports::made_text {
        auto all = compare(reader, *query, since);
        if (!all) return all.error();
        report.conversations = std::move(all->conversations);
        if (nobody_knows(*query, report)) return std::optional<std::string>();
        report.has_more = all->has_more;
        return boost::json::serialize(render_reconciliation(report));
      });
  if (!document) co_return document.error();
  if (!*document) co_return to_response(unknown_conversation());
  co_return api_response{.body = **document};
}

}  // namespace

std::vector<api_route> conversation_routes(conversation_sources sources) {
  const auto route = [sources](std::string path, auto handler) {
    return api_route{"GET", std::move(path),
                     [sources, handler](api_request request) { return handler(sources, std::move(request)); }, false,
                     true};
  };
  return {route("/v1/usage/conversations/{id}", conversation), route("/v1/usage/reconcile", reconcile)};
}

}  // namespace app
