#include "app/turns/model_catalog.hpp"

#include <utility>

#include "net/text/ascii.hpp"

namespace app {
namespace {

std::vector<openai::model> listed(const exa::codeium_common_pb::CascadeModelConfigData& configs) {
  std::vector<openai::model> models;
  for (const auto& each : configs.client_model_configs()) {
    if (each.disabled()) continue;
    models.push_back({model_id(each.label()), each.label(), each.supports_images(), {each.label()}});
  }
  return models;
}

}  // namespace

std::string model_id(std::string_view label) {
  std::string id;
  for (const char c : label) {
    if (net::text::is_alphanumeric(c) || c == '.' || static_cast<unsigned char>(c) >= 0x80) {
      id += net::text::lower(c);
    } else if (!id.empty() && id.back() != '-') {
      id += '-';
    }
  }
  if (id.ends_with('-')) id.pop_back();
  return id;
}

model_catalog::model_catalog(const exa::codeium_common_pb::CascadeModelConfigData& configs,
                             const std::map<std::string, std::string>& aliases, std::int64_t created)
    : list_(listed(configs), aliases, created) {
  for (const auto& each : configs.client_model_configs()) {
    if (each.disabled()) continue;
    const auto id = model_id(each.label());
    by_id_.try_emplace(id, chosen_model{each.model_or_alias(), each.supports_images()});
    if (recommended_.empty() || each.is_recommended()) recommended_ = id;
  }
}

boost::system::result<chosen_model, api_error> model_catalog::choose(std::string_view name) const {
  const auto found = list_.resolve(name.empty() ? std::string_view(recommended_) : name);
  if (found.has_error()) return found.error();
  return by_id_.at((*found)->id);
}

asio::awaitable<boost::system::result<std::shared_ptr<const model_catalog>, turn_refusal>> model_source::current() {
  auto session = co_await servers_.session();
  if (session.has_error()) co_return refusal_of(session.error());
  const auto now = std::chrono::steady_clock::now();
  const auto generation = (*session)->server.generation;
  {
    std::lock_guard lock(mutex_);
    if (catalog_ && generation_ == generation && now - asked_ < kept) co_return catalog_;
  }
  const auto configs = co_await (*session)->calls.models();
  if (configs.has_error()) {
    servers_.failed(**session, configs.error());
    co_return refusal_of(configs.error(), false);
  }
  const auto created = std::chrono::duration_cast<std::chrono::seconds>(created_.time_since_epoch()).count();
  auto made = std::make_shared<const model_catalog>(*configs, aliases_, created);
  std::lock_guard lock(mutex_);
  catalog_ = made;
  generation_ = generation;
  asked_ = now;
  co_return made;
}

}  // namespace app
