#include "app/openai/answer.hpp"

namespace app::openai {

std::vector<std::pair<std::string, std::string>> all_metadata(const answer_identity& identity) {
  auto all = identity.metadata;
  std::erase_if(all, [](const auto& entry) { return entry.first == metadata_cascade_id; });
  if (!identity.cascade_id.empty()) all.emplace_back(metadata_cascade_id, identity.cascade_id);
  return all;
}

}  // namespace app::openai
