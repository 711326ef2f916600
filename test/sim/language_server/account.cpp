#include "test/sim/language_server/account.hpp"

#include <ctime>

#include "test/sim/language_server/models.hpp"

namespace sim::ls {
namespace {

namespace common = exa::codeium_common_pb;

constexpr std::int64_t quota_window = 5 * 3600;

common::ClientModelConfig config_of(const model& of) {
  common::ClientModelConfig config;
  config.set_label(std::string(of.label));
  config.mutable_model_or_alias()->set_model(static_cast<common::Model>(of.number));
  config.set_credit_multiplier(1);
  config.set_supports_images(of.provider != common::MODEL_PROVIDER_OPENAI);
  config.set_provider(static_cast<common::ModelProvider>(of.provider));
  config.set_is_recommended(&of == &default_model());
  auto& quota = *config.mutable_quota_info();
  quota.set_remaining_fraction(of.remaining_fraction);
  quota.mutable_reset_time()->set_seconds(std::time(nullptr) + quota_window);
  return config;
}

}  // namespace

common::CascadeModelConfigData model_config_data() {
  common::CascadeModelConfigData configs;
  for (const auto& one : all_models()) *configs.add_client_model_configs() = config_of(one);
  return configs;
}

common::UserStatus user_status() {
  common::UserStatus user;
  user.set_name("Simulated User");
  user.set_email("user@sim.invalid");
  user.mutable_plan_info()->set_plan_name("Simulated");
  user.mutable_plan_info()->set_monthly_prompt_credits(50000);
  auto& plan = *user.mutable_plan_status();
  *plan.mutable_plan_info() = user.plan_info();
  plan.set_available_prompt_credits(49000);
  plan.set_used_prompt_credits(1000);
  user.mutable_user_tier()->set_id("free-tier");
  user.mutable_user_tier()->set_name("Simulated");
  *user.mutable_cascade_model_config_data() = model_config_data();
  return user;
}

}  // namespace sim::ls
