#include "mitm/policy/alpn.hpp"

#include <algorithm>
#include <iterator>

namespace mitm {

std::vector<std::string> followable(std::span<const std::string> offered) {
  std::vector<std::string> kept;
  std::ranges::copy_if(offered, std::back_inserter(kept),
                       [](const auto& each) { return each == h2 || each == http1 || each == http1_0; });
  return kept;
}

bool only_unknown(std::span<const std::string> offered) {
  return !offered.empty() && followable(offered).empty();
}

std::vector<std::string> to_offer(std::span<const std::string> offered) {
  return only_unknown(offered) ? std::vector<std::string>(offered.begin(), offered.end()) : followable(offered);
}

std::string_view without_origin(std::span<const std::string> offered) {
  const auto kept = followable(offered);
  if (kept.empty() || std::ranges::find(kept, http1) != kept.end()) return http1;
  return std::ranges::find(kept, h2) != kept.end() ? h2 : http1_0;
}

}  // namespace mitm
