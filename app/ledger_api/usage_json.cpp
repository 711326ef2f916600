#include "app/ledger_api/usage_json.hpp"

#include <array>
#include <string_view>

namespace app {
namespace {

namespace json = boost::json;
using usage::usage_totals;

/// A sum, and the number of calls that did not report what it sums.
struct told_sum {
  std::string_view name;
  std::int64_t usage_totals::* sum;
  std::int64_t usage_totals::* unreported;
};

constexpr std::array told_sums{
    told_sum{"input_tokens", &usage_totals::input_tokens, &usage_totals::input_unreported},
    told_sum{"input_uncached_tokens", &usage_totals::input_uncached_tokens, &usage_totals::input_unreported},
    told_sum{"cache_read_tokens", &usage_totals::cache_read_tokens, &usage_totals::cache_read_unreported},
    told_sum{"cache_write_tokens", &usage_totals::cache_write_tokens, &usage_totals::cache_write_unreported},
    told_sum{"output_tokens", &usage_totals::output_tokens, &usage_totals::output_unreported},
    told_sum{"thinking_tokens", &usage_totals::thinking_tokens, &usage_totals::thinking_unreported}};

// Parts, which few calls have: 0 says that none was told.
struct part_sum {
  std::string_view name;
  std::int64_t usage_totals::* sum;
};

constexpr std::array part_sums{part_sum{"cache_write_1h_tokens", &usage_totals::cache_write_1h_tokens},
                               part_sum{"audio_input_tokens", &usage_totals::audio_input_tokens},
                               part_sum{"image_input_tokens", &usage_totals::image_input_tokens},
                               part_sum{"audio_output_tokens", &usage_totals::audio_output_tokens},
                               part_sum{"image_output_tokens", &usage_totals::image_output_tokens},
                               part_sum{"web_searches", &usage_totals::web_searches}};

}  // namespace

json::value cost_or_null(const std::optional<std::int64_t>& nanos) {
  if (!nanos) return nullptr;
  return static_cast<double>(*nanos) / 1e9;
}

void add_sums(json::object& out, const usage_totals& totals) {
  out["requests"] = totals.requests;
  out["other_requests"] = totals.other_requests;
  json::object not_reported;
  for (const told_sum& each : told_sums) {
    const std::int64_t silent = totals.*each.unreported;
    const bool unknown = silent > 0 && totals.*each.sum == 0 && silent >= totals.requests - totals.errors;
    out[each.name] = unknown ? json::value(nullptr) : json::value(totals.*each.sum);
    not_reported[each.name] = silent;
  }
  for (const part_sum& each : part_sums) out[each.name] = totals.*each.sum;
  out["provider_cost"] =
      totals.provider_cost == 0 ? json::value(nullptr) : cost_or_null(totals.provider_cost);  // few providers tell it
  out["errors"] = totals.errors;
  out["interrupted"] = totals.interrupted;
  out["unreported"] = totals.unreported;
  out["retries"] = totals.retries;
  out["inconsistent"] = totals.inconsistent;
  out["not_reported"] = std::move(not_reported);
}

}  // namespace app
