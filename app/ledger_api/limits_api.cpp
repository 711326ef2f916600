#include "app/ledger_api/limits_api.hpp"

#include <optional>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "app/ledger_api/usage_json.hpp"

namespace app {
namespace {

namespace json = boost::json;

json::value percent_or_null(const std::optional<std::int64_t>& thousandths) {
  if (!thousandths) return nullptr;
  return static_cast<double>(*thousandths) / 1000;
}

json::value seconds_or_null(const std::optional<std::int64_t>& ms) {
  if (!ms) return nullptr;
  return *ms / 1000;
}

json::object window_object(const usage::account_window& each) {
  const usage::limit_window& window = each.window;
  return {{"object", "limit"},
          {"account", text(each.account)},
          {"host", text(each.host)},
          {"provider", text(to_string(each.provider))},
          {"model", text_or_null(each.model)},
          {"window", text(window.name)},
          {"used_percent", percent_or_null(usage::used_of(window))},
          {"limit", number_or_null(window.limit)},
          {"remaining", number_or_null(window.left)},
          {"resets_at", seconds_or_null(window.reset)},
          {"window_minutes", number_or_null(window.minutes)},
          {"status", text_or_null(window.status)},
          {"seen_at", each.seen_at / 1000},
          {"since", each.since / 1000}};
}

}  // namespace

boost::json::object render_limits(const usage::window_page& page, std::int64_t now) {
  json::array listed;
  for (usage::account_window each : page.windows) {
    const bool expired = each.window.reset && *each.window.reset <= now;
    if (expired) {
      each.window.used.reset();
      each.window.left.reset();
      each.window.status.clear();
    }
    auto object = window_object(each);
    object["expired"] = expired;
    listed.push_back(std::move(object));
  }
  return {{"object", "list"}, {"data", std::move(listed)}};
}

boost::json::object render_limit_changes(const usage::window_page& page) {
  json::array listed;
  for (const usage::account_window& each : page.windows) {
    auto object = window_object(each);
    object["id"] = each.id;
    object.erase("since");
    listed.push_back(std::move(object));
  }
  json::object out{{"object", "list"}, {"data", std::move(listed)}, {"has_more", page.has_more}, {"last_id", nullptr}};
  if (!page.windows.empty()) out["last_id"] = page.windows.back().id;
  return out;
}

}  // namespace app
