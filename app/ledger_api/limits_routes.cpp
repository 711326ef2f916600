#include "app/ledger_api/limits_routes.hpp"

#include <string>
#include <utility>

#include <boost/json/serialize.hpp>

#include "app/base/wall_clock.hpp"
#include "app/http/error_answer.hpp"
#include "app/ledger_api/ledger_reports.hpp"
#include "app/ledger_api/limits_api.hpp"
#include "app/ledger_api/usage_query.hpp"

namespace app {
namespace {

asio::awaitable<api_response> limits(usage_sources sources, api_request request) {
  const auto query = parse_limits_query(request.query);
  if (!query) co_return to_response(invalid_parameter(query.error().param, query.error().message));
  const auto now = unix_ms();
  // Windows expire as time passes; what they were stays.
  const auto key = report_key(request) + (query->history ? std::string() : '@' + std::to_string(now / 1000));
  const auto made =
      co_await sources.reports.answer(key, [&](usage::ledger_reader& reader) -> ledger_reports::made_text {
        const auto page = query->history ? reader.window_changes(query->windows) : reader.windows(query->windows);
        if (!page) return page.error();
        return boost::json::serialize(query->history ? render_limit_changes(*page) : render_limits(*page, now));
      });
  if (!made) co_return made.error();
  co_return api_response{.body = **made};
}

}  // namespace

std::vector<api_route> limits_routes(usage_sources sources) {
  return {{"GET", "/v1/limits", [sources](api_request request) { return limits(sources, std::move(request)); }, false,
           true}};
}

}  // namespace app
