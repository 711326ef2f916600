#include "usage/limits/limit_headers.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "net/text/ascii.hpp"
#include "net/text/percent.hpp"
#include "usage/limits/limit_values.hpp"
#include "usage/limits/window_builder.hpp"

namespace usage {
namespace {

using enum limit_member;

struct named_member {
  std::string_view name;
  limit_member what;
  std::string_view words = {};  // before the provider's own, in the status
};

/// Where the name of the window stands in the name of a field.
enum class order : std::uint8_t {
  window_member,  // prefix, window, member
  member_window,  // prefix, member, window
  snapshot,       // prefix, window; the value holds the members
};

struct family {
  std::string_view prefix;
  order form;
  std::span<const named_member> members;
  std::string_view before;  // stands before the window's name
  std::string_view bare;    // the name of a window that the fields do not name; empty: such a field is none of ours
  bool of_model;
};

// Claude's subscriptions: shares of windows of hours and days.
constexpr std::array unified{named_member{"utilization", fraction},
                             named_member{"reset", reset},
                             named_member{"status", words},
                             named_member{"representative-claim", words, "by "},
                             named_member{"fallback", words, "fallback "},
                             named_member{"disabled-reason", words}};
constexpr std::array counted{named_member{"limit", limit}, named_member{"remaining", left},
                             named_member{"reset", reset}};
constexpr std::array codex{named_member{"used-percent", percent},
                           named_member{"window-minutes", minutes},
                           named_member{"reset-at", moment},
                           named_member{"reset-after-seconds", delay},
                           named_member{"has-credits", absence, "no credits"},
                           named_member{"unlimited", presence, "unlimited"},
                           named_member{"balance", words, "balance "}};

// Anthropic, OpenAI and all who limit requests and tokens do so by model.
constexpr std::array families{
    family{"anthropic-ratelimit-unified-", order::window_member, unified, "", "unified", false},
    family{"anthropic-ratelimit-", order::window_member, counted, "", "", true},
    family{"anthropic-priority-", order::window_member, counted, "priority-", "", true},
    family{"anthropic-fast-", order::window_member, counted, "fast-", "", true},
    family{"x-codex-", order::window_member, codex, "codex ", "", false},
    family{"x-ratelimit-", order::member_window, counted, "", "requests", true},
    family{"ratelimit-", order::member_window, counted, "", "requests", true},
    family{"x-tokenlimit-", order::member_window, counted, "", "tokens", true},            // Together
    family{"ratelimitbysize-", order::member_window, counted, "tokens-", "tokens", true},  // Mistral
    family{"x-ratelimitbysize-", order::member_window, counted, "tokens-", "tokens", true},
    family{"x-quota-snapshot-", order::snapshot, {}, "copilot ", "", false},
    family{"x-usage-ratelimit-", order::snapshot, {}, "copilot ", "", false}};

const family* family_of(std::string_view name) {
  const auto found = std::ranges::find_if(families, [name](const family& each) {
    return name.size() > each.prefix.size() && net::text::iequals(name.substr(0, each.prefix.size()), each.prefix);
  });
  return found == families.end() ? nullptr : found;
}

/// `text` without `word` and the hyphen between; nullopt if it does not begin (end) with it.
std::optional<std::string_view> without_first(std::string_view text, std::string_view word) {
  if (!net::text::iequals(text.substr(0, word.size()), word)) return std::nullopt;
  text.remove_prefix(word.size());
  if (text.empty()) return text;
  return text.front() == '-' && text.size() > 1 ? std::optional(text.substr(1)) : std::nullopt;
}
std::optional<std::string_view> without_last(std::string_view text, std::string_view word) {
  if (text.size() < word.size() || !net::text::iequals(text.substr(text.size() - word.size()), word))
    return std::nullopt;
  text.remove_suffix(word.size());
  if (text.empty()) return text;
  return text.back() == '-' && text.size() > 1 ? std::optional(text.substr(0, text.size() - 1)) : std::nullopt;
}

std::string name_of(const family& of, std::string_view window) {
  if (window.empty()) return std::string(of.bare);
  return std::string(of.before) + net::text::lowered(window);
}

/// "ent=300&ov=0.0&ovPerm=false&rem=92.3&rst=2026-01-01T00%3A00%3A00Z": as Copilot's clients read it.
void read_snapshot(limit_window& window, std::string_view value, std::int64_t now) {
  while (!value.empty()) {
    const auto part = net::text::take_form_field(value);
    if (part.name == "ent") {
      if (part.value == "-1") {
        set_member(window, presence, "true", "unlimited", now);
      } else {
        set_member(window, limit, part.value, {}, now);
      }
    } else if (part.name == "rem") {
      set_member(window, percent_left, part.value, {}, now);
    } else if (part.name == "rst") {
      set_member(window, moment, part.value, {}, now);
    } else if (part.name == "ov" && read_decimal(part.value, 3).value_or(0) > 0) {
      set_member(window, words, part.value, "overage ", now);
    }
  }
}

void read_field(window_builder& windows, const family& of, const net::wire::header_field& field, std::int64_t now) {
  const std::string_view rest = field.name.substr(of.prefix.size());
  if (of.form == order::snapshot) {
    if (auto* window = windows.find(name_of(of, rest), of.of_model)) read_snapshot(*window, field.value, now);
    return;
  }
  for (const named_member& each : of.members) {
    const auto window =
        of.form == order::member_window ? without_first(rest, each.name) : without_last(rest, each.name);
    if (!window) continue;
    if (auto* found = windows.find(name_of(of, *window), of.of_model))
      set_member(*found, each.what, field.value, each.words, now);
    return;
  }
}

}  // namespace

std::vector<limit_window> read_limit_headers(const net::wire::header_fields& fields, std::int64_t now) {
  window_builder windows(max_windows_of_answer);
  for (const net::wire::header_field& field : fields) {
    if (const family* of = family_of(field.name)) read_field(windows, *of, field, now);
  }
  return std::move(windows).take();
}

}  // namespace usage
