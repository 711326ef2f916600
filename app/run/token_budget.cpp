#include "app/run/token_budget.hpp"

#include <string>

#include <sys/eventfd.h>
#include <unistd.h>

#include "app/run/report.hpp"

namespace app::run {

token_budget::token_budget(std::optional<std::int64_t> limit)
    : limit_(limit), spent_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void token_budget::on_spent(std::int64_t tokens) {
  if (!limit_ || tokens < *limit_) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(spent_.get(), &one, sizeof one);
}

void token_budget::on_unread(std::string_view host, mitm::unread why) const {
  if (!limit_) return;  // then only the report says it
  say("not read: traffic to " + std::string(host) + " (" + std::string(words_for(why)) +
      "): --max-tokens cannot count it");
}

void token_budget::on_uncounted(const usage::usage_record& row) {
  if (!limit_ || uncounted_said_.test_and_set()) return;
  say("not counted: an answer of " + row.host +
      " told no usage, as others may: --max-tokens cannot count them (a stream tells it if stream_options or a rule "
      "with include_usage asks for it)");
}

void token_budget::acknowledge() {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto got = ::read(spent_.get(), &count, sizeof count);
}

}  // namespace app::run
