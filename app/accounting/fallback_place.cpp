#include "app/accounting/fallback_place.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "net/text/hex.hpp"
#include "usage/attribution/finding.hpp"
#include "usage/fetched_answer.hpp"
#include "usage/transcript/siphash.hpp"

namespace app {
namespace {

constexpr std::string_view transcript_prefix = "transcript-";
constexpr std::string_view process_prefix = "process-";
constexpr int hex_length = 16;

/// Of what the ledger knows of a process: its pid may come again, but hardly for the same program and user.
std::uint64_t process_of(const std::optional<std::int64_t>& pid, const std::optional<std::int64_t>& uid,
                         std::string_view executable) {
  usage::siphash name({});
  name.add(static_cast<std::uint64_t>(pid.value_or(-1)));
  name.add(static_cast<std::uint64_t>(uid.value_or(-1)));
  name.add(executable);
  return name.end();
}

std::string name_of(std::uint64_t conversation) {
  std::string name(transcript_prefix);
  for (int digit = hex_length; digit-- > 0;) name += net::text::hex_digits[conversation >> (4 * digit) & 0xf];
  return name;
}

std::optional<std::uint64_t> number_of(std::string_view name) {
  if (!name.starts_with(transcript_prefix)) return std::nullopt;
  name.remove_prefix(transcript_prefix.size());
  std::uint64_t number = 0;
  const auto [stop, error] = std::from_chars(name.data(), name.data() + name.size(), number, 16);
  if (error != std::errc{} || stop != name.data() + name.size()) return std::nullopt;
  return number;
}

}  // namespace

void fallback_place::put(usage::usage_record& row) {
  if (row.kind == usage::call_kind::other || row.request_kind == usage::fetch_kind ||
      row.path.starts_with("/v1internal:"))
    return;
  const bool calls = row.kind == usage::call_kind::model;
  if (!row.transcript_links.empty()) {
    const auto found = transcripts_.place(row.transcript_links, process_of(row.pid, row.uid, row.executable), calls);
    if (!found) return;
    row.conversation = name_of(*found);
    row.attributed_by = usage::by_transcript;
  } else if (calls && row.pid && row.process_started) {
    row.conversation = process_prefix;
    row.conversation.append(std::to_string(*row.pid)).append("-").append(std::to_string(*row.process_started));
    row.attributed_by = usage::by_process;
  }
}

bool fallback_place::recall(const usage::known_transcript& earlier) {
  const auto conversation = number_of(earlier.conversation);
  return !conversation || transcripts_.recall(static_cast<std::uint64_t>(earlier.whole),
                                              process_of(earlier.pid, earlier.uid, earlier.executable), *conversation);
}

}  // namespace app
