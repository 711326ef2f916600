#include "app/service/descriptor_room.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "app/config/config.hpp"
#include "net/descriptor_limit.hpp"

namespace app {
namespace {

constexpr std::uint64_t per_connection = 2;  // the client's and the origin's
// The ledger and those who read it, listeners, the language server's pipes and channels, /proc.
constexpr std::uint64_t for_the_rest = 128;
// Of a limit that is too low for all.
constexpr std::uint64_t api_share = 8;
constexpr std::uint64_t kept_share = 16;

}  // namespace

descriptor_room fit_connections(config& values, std::uint64_t limit) {
  auto& connections = values.limits.connections;
  auto& api = values.api_limits.connections;
  auto& kept = values.limits.kept_upstreams;
  if (connections * per_connection + api + kept + for_the_rest <= limit) return {};
  const auto wanted = connections;
  const auto wanted_api = api;
  api = std::clamp<std::uint64_t>(limit / api_share, 1, api);
  kept = std::clamp<std::uint64_t>(limit / kept_share, 1, kept);
  const auto others = api + kept + for_the_rest;
  const auto rest = limit > others ? (limit - others) / per_connection : 0;
  connections = std::clamp<std::uint64_t>(rest, 1, connections);
  return {
      fmt::format("this process may have {} open files: limits.connections is {} instead of {}, limits.api_connections "
                  "{} instead of {}; for more, raise the hard limit (ulimit -Hn, LimitNOFILE= of a unit) and restart",
                  limit, connections, wanted, api, wanted_api)};
}

descriptor_room make_room_for(config& values) {
  return fit_connections(values, net::raise_descriptor_limit());
}

}  // namespace app
