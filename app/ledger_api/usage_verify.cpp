#include "app/ledger_api/usage_verify.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "app/base/json_members.hpp"
#include "app/base/terminal_text.hpp"
#include "app/ledger_api/usage_api.hpp"
#include "app/ledger_api/usage_json.hpp"

namespace app {
namespace {

namespace json = boost::json;

json::object counts_of(const usage::token_usage& tokens, std::uint8_t flags, usage::record_status status) {
  json::object made = tokens_object(tokens);
  made["usage_flags"] = usage_flag_words(flags);
  made["status"] = to_string(status);
  return made;
}

json::object changed_row(const usage::reread_difference& each) {
  return {{"exchange_id", each.id},
          {"started_at", each.started_at / 1000},
          {"host", text(each.host)},
          {"model", text_or_null(each.model)},
          {"booked", counts_of(each.booked, each.booked_flags, each.booked_status)},
          {"reread", counts_of(each.reread, each.reread_flags, each.reread_status)}};
}

std::string word_of(const json::value& value) {
  return value.is_null() ? "not reported" : value.is_string() ? one_line(value.get_string()) : json::serialize(value);
}

/// "thinking_tokens 3 -> 5", for each member that differs.
std::string changes(const json::object& booked, const json::object& reread) {
  std::string words;
  for (const auto& member : booked) {
    const auto* now = reread.if_contains(member.key());
    if (now == nullptr || *now == member.value()) continue;
    words += fmt::format("{}{} {} -> {}", words.empty() ? "" : ", ", one_line(member.key()), word_of(member.value()),
                         word_of(*now));
  }
  return words;
}

std::string changed_row_text(const json::object& each) {
  constexpr std::int64_t last = 9'223'372'036;  // in 2262: later ones do not fit the nanoseconds of the system's clock
  const std::chrono::sys_seconds at{
      std::chrono::seconds(std::clamp<std::int64_t>(number_member(each, "started_at"), 0, last))};
  const auto model = text_member(each, "model");
  return fmt::format("    ! row {} ({:%Y-%m-%d %H:%M:%S} UTC, {}): {}\n", number_member(each, "exchange_id"),
                     fmt::gmtime(at), model.empty() ? std::string("-") : one_line(model),
                     changes(object_member(each, "booked"), object_member(each, "reread")));
}

}  // namespace

json::object render_verification(const usage::rereading& found, const corrections_made& made) {
  json::array differences;
  for (const auto& each : found.differences) differences.push_back(changed_row(each));
  return {{"object", "usage.verification"},
          {"verified", found.differing == 0},
          {"read", found.read},
          {"verified_before", found.verified_before},
          {"differing", found.differing},
          {"corrected", made.rows},
          {"has_more", made.more},
          {"data", std::move(differences)}};
}

bool verified(const json::object& document) {
  return truth_member(document, "verified");
}

std::string verification_text(const json::object& document) {
  std::string out;
  for (const auto& each : array_member(document, "data"))
    if (each.is_object()) out += changed_row_text(each.get_object());
  const auto differing = number_member(document, "differing");
  const auto told = static_cast<std::int64_t>(array_member(document, "data").size());
  if (differing > told) out += fmt::format("    … and {} more\n", differing - told);
  out += fmt::format("ledger {}: {} rows read again, {} differ", differing == 0 ? "verified" : "DIFFERS",
                     number_member(document, "read"), differing);
  if (const auto corrected = number_member(document, "corrected"); corrected != 0)
    out += fmt::format(", {} corrected", corrected);
  return out + (differing == 0 ? "\n" : "; --apply books them anew\n");
}

}  // namespace app
