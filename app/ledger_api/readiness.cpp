#include "app/ledger_api/readiness.hpp"

#include <algorithm>

#include <boost/json.hpp>

namespace app {

api_response liveness() {
  return {200, R"({"status":"ok"})"};
}

api_response readiness(std::span<const dependency> dependencies) {
  boost::json::array list;
  for (const auto& one : dependencies) {
    const auto* status = !one.ok ? "failed" : one.warning ? "warning" : "ok";
    list.push_back({{"name", one.name}, {"status", status}, {"reason", one.reason}});
  }
  const bool ready = std::ranges::all_of(dependencies, &dependency::ok);
  const boost::json::object body{{"status", ready ? "ready" : "not_ready"}, {"dependencies", std::move(list)}};
  return {ready ? 200u : 503u, boost::json::serialize(body)};
}

}  // namespace app
