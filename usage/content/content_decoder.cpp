#include "usage/content/content_decoder.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "net/text/ascii.hpp"
#include "net/wire/message_head.hpp"
#include "usage/content/content_stages.hpp"

namespace usage {
namespace {

using factory = std::unique_ptr<content_decoder::stage> (*)(decode_budget&);

struct coding {
  std::string_view name;
  factory make;
};

constexpr std::array known_codings{coding{"gzip", make_gzip_stage}, coding{"x-gzip", make_gzip_stage},
                                   coding{"deflate", make_deflate_stage}, coding{"br", make_brotli_stage},
                                   coding{"zstd", make_zstd_stage}};

using stages = std::span<const std::unique_ptr<content_decoder::stage>>;

result<void> feed_stages(stages chain, std::string_view input, content_decoder::sink& out);

/// Passes the output of one stage to the later stages, and remembers why they stopped.
class link final : public content_decoder::sink {
 public:
  link(stages rest, content_decoder::sink& out) : rest_(rest), out_(out) {}

  void on_content(std::string_view piece) override {
    if (verdict_.has_value()) verdict_ = feed_stages(rest_, piece, out_);
  }
  const result<void>& verdict() const { return verdict_; }

 private:
  stages rest_;
  content_decoder::sink& out_;
  result<void> verdict_{};
};

result<void> feed_stages(stages chain, std::string_view input, content_decoder::sink& out) {
  if (chain.size() == 1) return chain[0]->feed(input, out);
  link next(chain.subspan(1), out);
  const result<void> own = chain[0]->feed(input, next);
  return next.verdict().has_value() ? own : next.verdict();
}

}  // namespace

result<content_decoder> content_decoder::make(std::string_view codings, const decode_limits& bounds,
                                              unknown_codings unknown) {
  content_decoder made;
  made.budget_ = std::make_unique<decode_budget>(bounds);
  while (!codings.empty()) {
    const std::string_view name = net::text::take_item(codings);
    if (name.empty() || net::text::iequals(name, "identity")) continue;
    const auto* found =
        std::ranges::find_if(known_codings, [&](const coding& c) { return net::text::iequals(c.name, name); });
    const bool known = found != known_codings.end();
    if (!known && unknown == unknown_codings::refused) return errc::unsupported;
    made.odd_ = made.odd_ || !known;
    if (!known && net::text::iequals(name, "none")) continue;
    if (made.stages_.size() == max_codings) return errc::unsupported;
    made.stages_.insert(made.stages_.begin(), (known ? found->make : make_plain_stage)(*made.budget_));
  }
  return made;
}

result<void> content_decoder::feed(std::string_view input, sink& out) {
  if (input.empty()) return {};
  if (stages_.empty()) {
    out.on_content(input);
    return {};
  }
  budget_->earn(input.size());
  return feed_stages(stages_, input, out);
}

result<void> content_decoder::finish() {
  for (const auto& stage : stages_)
    if (auto verdict = stage->finish(); verdict.has_error()) return verdict;
  return {};
}

}  // namespace usage
