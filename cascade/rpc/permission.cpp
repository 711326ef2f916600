#include "cascade/rpc/permission.hpp"

#include <string>

#include "proto/cortex.pb.h"

namespace cascade {

std::string_view to_string(permission verdict) {
  switch (verdict) {
    case permission::deny:
      return "deny";
    case permission::allow:
      return "allow";
    case permission::report:
      return "report";
  }
  return "unknown";
}

permission permission_policy::of(interaction_kind kind) const {
  if (kind == interaction_kind::run_command) return run_command;
  if (kind == interaction_kind::file_permission) return file;
  return other;
}

std::optional<exa::cortex_pb::CascadeUserInteraction> answer_to(const waiting& step, bool yes) {
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
