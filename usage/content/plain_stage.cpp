#include <algorithm>
#include <optional>
#include <string>

#include "usage/content/content_stages.hpp"
#include "usage/content/leading_mark.hpp"

namespace usage {
namespace {

constexpr std::size_t longest_start = 1024;  // bytes to decide on; more blanks than that begin no body
constexpr std::string_view blanks = " \t\r\n";

std::string_view without_blanks(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  return text;
}

/// Whether a text that begins so is JSON or server-sent events; nullopt: too short to tell.
std::optional<bool> is_readable(std::string_view start) {
  leading_mark mark;
  mark.strip(start);
  start = without_blanks(start);
  if (start.empty()) return std::nullopt;
  if (start.front() == '{' || start.front() == '[') {
    const bool object = start.front() == '{';
    start = without_blanks(start.substr(1));
    if (start.empty()) return std::nullopt;
    return std::string_view(object ? "\"}" : "{[]\"").find(start.front()) != std::string_view::npos;
  }
  for (const std::string_view field : {":", "data:", "event:", "id:", "retry:"}) {
    if (start.starts_with(field)) return true;
    if (field.starts_with(start)) return std::nullopt;
  }
  return false;
}

/// Servers name codings that are none ("none", "utf-8"), and relays decode a body and leave the name. Clients read such
/// a body as it is.
class plain_stage final : public content_decoder::stage {
 public:
  explicit plain_stage(decode_budget& budget) : budget_(budget) {}

  result<void> feed(std::string_view input, content_decoder::sink& out) override {
    if (!readable_) {
      const auto piece = input.substr(0, longest_start - start_.size());
      start_ += piece;
      input.remove_prefix(piece.size());
      const auto verdict = is_readable(start_);
      if (verdict == false || (!verdict && start_.size() == longest_start)) return errc::unsupported;
      if (!verdict) return {};
      readable_ = true;
      out.on_content(start_);
      start_ = {};
    }
    if (!input.empty()) out.on_content(input);
    return budget_.work(out.take_cost()).has_error() ? result<void>(errc::too_dense) : result<void>();
  }

  result<void> finish() override {
    if (!start_.empty()) return errc::unsupported;
    return {};
  }

 private:
  decode_budget& budget_;
  std::string start_;
  bool readable_ = false;
};

}  // namespace

std::unique_ptr<content_decoder::stage> make_plain_stage(decode_budget& budget) {
  return std::make_unique<plain_stage>(budget);
}

}  // namespace usage
