#include "cascade/permission.hpp"

#include <string>

namespace cascade {

std::optional<exa::cortex_pb::CascadeUserInteraction> answer_to(const waiting& step, permission verdict) {
  const bool yes = verdict == permission::allow;
  exa::cortex_pb::CascadeUserInteraction answer;
  answer.set_trajectory_id(std::string(step.trajectory_id));
  answer.set_step_index(step.step);
  switch (step.kind) {
    case interaction_kind::run_command:
      answer.mutable_run_command()->set_confirm(yes);
      return answer;
    case interaction_kind::file_permission: {
      auto* file = answer.mutable_file_permission();
      file->set_allow(yes);
      file->set_scope(exa::cortex_pb::CascadeUserInteraction::PERMISSION_SCOPE_ONCE);
      return answer;
    }
    default:
      return std::nullopt;
  }
}

}  // namespace cascade
