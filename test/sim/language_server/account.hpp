#pragma once

// The simulated user: a plan, models and what is left of their quotas.

#include "proto/codeium_common.pb.h"

namespace sim::ls {

exa::codeium_common_pb::CascadeModelConfigData model_config_data();
exa::codeium_common_pb::UserStatus user_status();

}  // namespace sim::ls
