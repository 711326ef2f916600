#include "app/service/service_state.hpp"

#include <cstddef>
#include <filesystem>
#include <ranges>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "app/accounting/clock_check.hpp"
#include "app/accounting/ledger_log.hpp"
#include "app/base/unread_line.hpp"
#include "app/metrics/loop_probe.hpp"
#include "mitm/relay/connection_events.hpp"

namespace app {

std::string text_of(const endpoints& all) {
  std::string text;
  for (const auto& each : all) text.append(text.empty() ? "" : ",").append(to_text(each));
  return text;
}

dependency service_state::ledger() const {
  auto& writer = parts_.writer;
  const auto state = writer.state();
  const bool well = state.healthy && state.trouble.empty() && state.retention_error.empty();
  std::error_code error;
  if (well && !std::filesystem::exists(writer.file(), error)) {
    writer.look();
    return {"ledger", false, writer.file().string() + " is missing; it is written again now"};
  }
  return {"ledger", well, ledger_words(state)};
}

dependency service_state::interception(std::chrono::system_clock::time_point now) const {
  const auto hosts = parts_.bypassed.snapshot(mitm::bypass_list::instant::clock::now(), now);
  std::string reason;
  for (const auto& each : hosts) {
    reason += fmt::format("{} is bypassed for {}: {}; ", each.host, describe(each.program), each.reason);
  }
  const auto missed = parts_.attribution.not_intercepted();
  if (missed != 0) {
    reason += fmt::format(
        "NOT INTERCEPTED: none of the last {} model calls of the language server passed through here; ", missed);
  }
  if (const auto unknown = parts_.processes.overflowed(); unknown != 0) {
    reason += fmt::format("the processes of {} connections were not looked for: too many at once; ", unknown);
  }
  reason += fmt::format("listening on {}; {} exchanges seen", text_of(parts_.listening),
                        parts_.counters.interception().exchanges_seen);
  return {"interception", hosts.empty() && missed == 0, std::move(reason)};
}

dependency service_state::unread() const {
  constexpr std::size_t shown = 8;
  const auto all = parts_.counters.unread();
  std::string reason;
  for (const auto& each : all | std::views::take(shown)) {
    reason +=
        unread_line({each.host, each.path, each.connections, each.why, mitm::words_for(each.why), each.program}) + "; ";
  }
  if (all.size() > shown) reason += fmt::format("and {} more; ", all.size() - shown);
  return {"unread", true, reason + "no sum includes it (/v1/usage, unread)", true};
}

/// Once our own connections have come back to us, until the redirect is put right.
bool service_state::loops() const {
  auto& own = parts_.interceptor.own();
  if (own.any_came_back() && !comes_back(parts_.listening)) own.forget();
  return own.any_came_back();
}

std::vector<dependency> service_state::dependencies() const {
  const auto now = std::chrono::system_clock::now();
  std::vector<dependency> all{ledger(), parts_.ca.readiness(now), interception(now)};
  if (!parts_.counters.unread().empty()) all.push_back(unread());
  if (const auto wrong = clock_complaint(now); !wrong.empty()) all.push_back({"clock", false, wrong});
  if (!parts_.room.note.empty()) all.push_back({"descriptors", true, parts_.room.note});
  if (parts_.redirect) {
    const auto state = parts_.redirect->look();
    all.push_back({"redirect", state.ok, state.text});
  }
  if (loops()) all.push_back({"own connections", false, own_traffic_redirected()});
  if (parts_.server.configured()) all.push_back(parts_.server.readiness());
  return all;
}

metric_readings service_state::readings() const {
  const auto writer = parts_.writer.state();
  const auto bypassed =
      parts_.bypassed.snapshot(mitm::bypass_list::instant::clock::now(), std::chrono::system_clock::now());
  const auto attributed = parts_.attribution.counts();
  metric_readings now;
  now.connections_open = parts_.interceptor.open_connections();
  now.leaves_minted = parts_.leaves.mints();
  now.bypassed_hosts = bypassed.size();
  now.ledger_queued = writer.queued;
  now.ledger_committed = writer.committed;
  now.ledger_dropped = writer.dropped + writer.lost;
  now.log_lines_lost = parts_.log.lost_lines();
  if (parts_.server.configured()) now.language_server = parts_.server.reading();
  now.rows_placed_late = attributed.late;
  now.rows_disputed = attributed.disputed;
  now.rows_forgotten = attributed.forgotten_rows;
  now.ids_forgotten = attributed.forgotten_ids;
  now.notes_dropped = writer.dropped_notes;
  now.lookups_overflowed = parts_.processes.overflowed();
  return now;
}

}  // namespace app
