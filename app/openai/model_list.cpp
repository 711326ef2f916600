#include "app/openai/model_list.hpp"

#include <algorithm>
#include <utility>

#include "app/base/json_text.hpp"
#include "app/openai/errors.hpp"
#include "net/text/ascii.hpp"

namespace app::openai {

model_list::model_list(std::vector<model> models, const std::map<std::string, std::string>& aliases,
                       std::int64_t created)
    : models_(std::move(models)), created_(created) {
  for (std::size_t i = 0; i < models_.size(); ++i) {
    names_.emplace(models_[i].id, i);
  }
  for (std::size_t i = 0; i < models_.size(); ++i)
    for (const std::string& alias : models_[i].aliases) names_.emplace(alias, i);
  // Aliases name the server's models only. With aliases of aliases the result would depend on their order.
  const auto own = names_;
  for (const auto& [alias, target] : aliases)
    if (const auto found = own.find(target); found != own.end()) names_.insert_or_assign(alias, found->second);
}

const model* model_list::find(std::string_view name) const {
  if (const auto exact = names_.find(name); exact != names_.end()) return &models_[exact->second];
  for (const auto& [each, index] : names_)
    if (net::text::iequals(each, name)) return &models_[index];
  return nullptr;
}

boost::system::result<const model*, api_error> model_list::resolve(std::string_view name) const {
  if (const model* const found = find(name)) return found;
  std::vector<std::string> known;
  for (const model& each : models_) known.push_back(each.id);
  return model_not_found(name, known);
}

void model_list::append_entry(std::string& out, std::string_view name, const model& which) const {
  out += R"({"id":)";
  append_json(out, name);
  out += R"(,"object":"model","created":)" + std::to_string(created_) + R"(,"owned_by":"zerogravity","root":)";
  append_json(out, which.id);
  out += R"(,"label":)";
  append_json(out, which.label);
  out += which.supports_images ? R"(,"supports_images":true})" : R"(,"supports_images":false})";
}

std::string model_list::render() const {
  std::string out = R"({"object":"list","data":[)";
  const auto separate = [&] {
    if (out.back() != '[') out += ',';
  };
  for (const model& each : models_) {
    separate();
    append_entry(out, each.id, *find(each.id));
  }
  for (const auto& [name, index] : names_) {
    const bool listed = std::any_of(models_.begin(), models_.end(), [&](const model& each) { return each.id == name; });
    if (listed) continue;
    separate();
    append_entry(out, name, models_[index]);
  }
  return out += "]}";
}

boost::system::result<std::string, api_error> model_list::render_one(std::string_view name) const {
  const auto found = resolve(name);
  if (!found) return found.error();
  std::string out;
  append_entry(out, name, **found);
  return out;
}

}  // namespace app::openai
