#include "app/accounting/server_listing.hpp"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "app/accounting/cascade_calls.hpp"
#include "net/by.hpp"

namespace app {
namespace {

namespace ls = cascade::ls;

/// Calls told in one go; the writer then gets time to write them.
constexpr std::size_t calls_at_once = 512;

std::vector<std::string> latest_first(const ls::GetAllCascadeTrajectoriesResponse& all) {
  std::vector<std::pair<std::int64_t, std::string>> by_time;
  for (const auto& [id, summary] : all.trajectory_summaries())
    by_time.emplace_back(summary.last_modified_time().seconds(), id);
  std::ranges::sort(by_time, std::greater());
  std::vector<std::string> ids;
  for (auto& [at, id] : by_time) ids.push_back(std::move(id));
  return ids;
}

asio::awaitable<void> tell(listing_parts parts, const trajectory_calls& all) {
  for (const named_trajectory& each : all.trajectories) parts.attribution.on_listed(each);
  for (const sub_agent_link& each : all.sub_agents) parts.attribution.on_listed(each);
  for (std::size_t i = 0; i < all.calls.size(); ++i) {
    parts.attribution.on_listed(all.calls[i]);
    if ((i + 1) % calls_at_once != 0 && i + 1 != all.calls.size()) continue;
    co_await net::offload(parts.blocking, [&parts] { return parts.writer.flush(std::chrono::seconds(1)); });
  }
}

/// A long trajectory may come without all of its calls.
asio::awaitable<cascade::rpc_result<void>> complete(cascade::client& server, const std::string& id,
                                                    gemini_coder::Trajectory& known, std::uint32_t total) {
  while (static_cast<std::uint32_t>(known.generator_metadata_size()) < total) {
    auto more = co_await server.generator_metadata(id, static_cast<std::uint32_t>(known.generator_metadata_size()));
    if (!more) co_return more.error();
    if (more->generator_metadata().empty()) break;
    for (auto& each : *more->mutable_generator_metadata()) *known.add_generator_metadata() = std::move(each);
  }
  co_return cascade::rpc_result<void>();
}

asio::awaitable<cascade::rpc_result<void>> list_one(listing_parts parts, cascade::client& server, std::string id) {
  auto answer = co_await server.trajectory(id);
  if (!answer) co_return answer.error();
  auto& trajectory = *answer->mutable_trajectory();
  const auto completed = co_await complete(server, id, trajectory, answer->num_total_generator_metadata());
  if (!completed) co_return completed.error();
  parts.attribution.on_cascade(id);
  co_await tell(parts, calls_of(trajectory, {id, {}}, 0));
  co_return cascade::rpc_result<void>();
}

void give_up(listing_outcome& outcome, std::string why) {
  outcome.error = std::move(why);
  outcome.whole = false;
}

/// The cascades to be read, no more than wanted.
asio::awaitable<std::vector<std::string>> choose(cascade::client& server, const listing_request& wanted,
                                                 listing_outcome& outcome) {
  if (!wanted.cascade_id.empty()) co_return std::vector<std::string>{wanted.cascade_id};
  const auto all = co_await server.list();
  if (!all) {
    give_up(outcome, to_string(all.error()));
    co_return std::vector<std::string>{};
  }
  auto ids = latest_first(*all);
  outcome.whole = ids.size() <= wanted.limit;
  ids.resize(std::min(ids.size(), wanted.limit));
  co_return ids;
}

}  // namespace

asio::awaitable<listing_outcome> list_server_calls(cascade::client& server, listing_parts parts,
                                                   listing_request wanted) {
  listing_outcome outcome;
  const auto until = net::after(wanted.patience);
  const std::vector<std::string> ids = co_await choose(server, wanted, outcome);
  for (const std::string& id : ids) {
    if (std::chrono::steady_clock::now() >= until) {
      outcome.whole = false;
      break;
    }
    const auto listed = co_await list_one(parts, server, id);
    if (listed) {
      ++outcome.cascades;
    } else {
      give_up(outcome, to_string(listed.error()));
      outcome.unknown = !wanted.cascade_id.empty() && says_unknown(listed.error());
    }
  }
  co_return outcome;
}

}  // namespace app
