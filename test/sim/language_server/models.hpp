#pragma once

// The models that the simulated account may use: the enum value a client asks by, the name on the provider's wire.

#include <cstdint>
#include <span>
#include <string_view>

namespace sim::ls {

struct model {
  int number;  // exa.codeium_common_pb.Model
  std::string_view enum_name;
  std::string_view label;
  std::string_view wire_name;
  int provider;      // exa.codeium_common_pb.ModelProvider
  int api_provider;  // exa.codeium_common_pb.APIProvider
  float remaining_fraction;
};

std::span<const model> all_models();

/// Null for a model that the account does not have.
const model* find_model(int number);

const model& default_model();

/// For calls that no user asked for.
const model& background_model();

}  // namespace sim::ls
