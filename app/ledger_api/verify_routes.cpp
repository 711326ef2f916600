#include "app/ledger_api/verify_routes.hpp"

#include <optional>
#include <string>
#include <utility>

#include <boost/json/serialize.hpp>

#include "app/base/wall_clock.hpp"
#include "app/http/error_answer.hpp"
#include "app/ledger_api/usage_query.hpp"
#include "app/ledger_api/usage_verify.hpp"

namespace app {
namespace {

using clock = std::chrono::steady_clock;

// Far longer than a batch takes. If the file is locked for longer, the rest stays for the next request.
constexpr std::chrono::seconds batch_patience{5};

/// Tells the writer what was verified, so that it is not read again. Refused if too much waits there: then it is.
std::string document_of(const usage::rereading& found, const corrections_made& made, usage::ledger_writer& writer) {
  if (found.verified) writer.note(usage::ledger_entry(*found.verified));
  return boost::json::serialize(render_verification(found, made));
}

ledger_reports::made_text verify(usage::ledger_reader& reader, usage::ledger_writer& writer, const verify_query& query,
                                 const corrections_made& made) {
  const auto found = reader.read_again({.differences = static_cast<std::size_t>(query.limit)});
  if (!found) return found.error();
  return document_of(*found, made, writer);
}

/// Until all are corrected or the time is up.
usage::ledger_result<corrections_made> correct(usage::ledger_reader& reader, usage::ledger_writer& writer) {
  corrections_made made;
  const auto before = writer.state().corrected;
  const auto until = clock::now() + correcting_time;
  for (std::int64_t after = 0;;) {
    const auto next = reader.differing(after, corrections_at_once);
    if (!next) return next.error();
    bool taken = true;
    for (const std::int64_t id : next->ids)
      taken = taken && writer.note(usage::ledger_entry(usage::correction{id, unix_ms(), ZEROGRAVITY_VERSION}));
    taken = writer.flush(batch_patience) && taken;
    after = next->last;
    made.more = next->more;
    if (!taken) made.more = true;
    if (!taken || !next->more || clock::now() >= until) break;
  }
  made.rows = writer.state().corrected - before;
  return made;
}

asio::awaitable<api_response> look(usage_sources sources, api_request request) {
  const auto query = parse_verify_query(request.query, false);
  if (!query) co_return to_response(invalid_parameter(query.error().param, query.error().message));
  const auto document = co_await sources.reports.answer(
      report_key(request), [&](usage::ledger_reader& reader) { return verify(reader, sources.writer, *query, {}); });
  if (!document) co_return document.error();
  co_return api_response{.body = **document};
}

asio::awaitable<api_response> apply(usage_sources sources, api_request request) {
  const auto query = parse_verify_query(request.query, true);
  if (!query) co_return to_response(invalid_parameter(query.error().param, query.error().message));
  const auto document =
      co_await sources.reports.answer({}, [&](usage::ledger_reader& reader) -> ledger_reports::made_text {
        const auto made = correct(reader, sources.writer);
        if (!made) return made.error();
        return verify(reader, sources.writer, *query, *made);
      });
  if (!document) co_return document.error();
  co_return api_response{.body = **document};
}

}  // namespace

std::vector<api_route> verify_routes(usage_sources sources) {
  const auto route = [sources](std::string method, auto handler) {
    return api_route{std::move(method), "/v1/usage/verify",
                     [sources, handler](api_request request) { return handler(sources, std::move(request)); }, false,
                     true};
  };
  return {route("GET", look), route("POST", apply)};
}

}  // namespace app
