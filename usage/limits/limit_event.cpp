#include "usage/limits/limit_event.hpp"

#include <array>
#include <string>

#include "net/text/ascii.hpp"
#include "usage/json/json_scanner.hpp"
#include "usage/limits/window_builder.hpp"

namespace usage {
namespace {

using enum limit_member;

constexpr std::size_t captured = 128;  // bytes of one value
constexpr std::size_t most_windows = 3;

enum place : std::uint8_t { type, limit_name, first_member };

struct event_member {
  std::string_view path;
  std::string_view window;
  limit_member what;
  std::string_view words = {};
};

constexpr std::array members{event_member{"rate_limits.primary.used_percent", "primary", percent},
                             event_member{"rate_limits.primary.window_minutes", "primary", minutes},
                             event_member{"rate_limits.primary.reset_at", "primary", moment},
                             event_member{"rate_limits.primary.reset_after_seconds", "primary", delay},
                             event_member{"rate_limits.secondary.used_percent", "secondary", percent},
                             event_member{"rate_limits.secondary.window_minutes", "secondary", minutes},
                             event_member{"rate_limits.secondary.reset_at", "secondary", moment},
                             event_member{"rate_limits.secondary.reset_after_seconds", "secondary", delay},
                             event_member{"credits.has_credits", "credits", absence, "no credits"},
                             event_member{"credits.unlimited", "credits", presence, "unlimited"},
                             event_member{"credits.balance", "credits", words, "balance "}};

json_paths make_paths() {
  std::vector<json_path> paths{{"type", type}, {"metered_limit_name", limit_name}};
  for (std::size_t i = 0; i < members.size(); ++i)
    paths.push_back({members[i].path, static_cast<std::uint8_t>(first_member + i)});
  return json_paths(paths);
}

class event_sink final : public json_scanner::sink {
 public:
  explicit event_sink(std::int64_t now) : now_(now) {}

  void on_scalar(int tag, json_scanner::scalar kind, std::string_view text) override {
    if (kind == json_scanner::scalar::null) return;
    if (tag == type) {
      ours_ = text == "codex.rate_limits";
    } else if (tag == limit_name) {
      limit_name_ = net::text::lowered(text);
    } else {
      const event_member& member = members.at(static_cast<std::size_t>(tag - first_member));
      if (auto* window = windows_.find(std::string(member.window), false))
        set_member(*window, member.what, text, member.words, now_);
    }
  }
  void on_verbatim(int, std::string_view) override {}

  std::vector<limit_window> take() {
    if (!ours_) return {};
    auto taken = std::move(windows_).take();
    for (limit_window& each : taken) each.name = named(each.name);
    std::erase_if(taken, [](const limit_window& each) { return each.name.size() > limit_window::max_name; });
    return taken;
  }

 private:
  /// The limit `codex_other` is x-codex-other-… in header fields.
  std::string named(const std::string& window) const {
    constexpr std::string_view family = "codex";
    std::string of = limit_name_.empty() ? std::string(family) : limit_name_;
    for (char& c : of) c = net::text::is_alphanumeric(c) ? c : '-';
    if (of == family) return of + ' ' + window;
    if (of.starts_with("codex-")) return std::string(family) + ' ' + of.substr(family.size() + 1) + '-' + window;
    return of + ' ' + window;
  }

  std::int64_t now_;
  bool ours_ = false;
  std::string limit_name_;
  window_builder windows_{most_windows};
};

}  // namespace

std::vector<limit_window> read_limit_event(std::string_view event, std::int64_t now) {
  static const json_paths paths = make_paths();
  event_sink found(now);
  json_scanner scanner(paths, found, captured);
  if (!scanner.feed(event) || !scanner.finish()) return {};
  return found.take();
}

}  // namespace usage
