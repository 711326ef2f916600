#include "app/cascade_api/cascade_request.hpp"

#include <array>
#include <limits>
#include <optional>
#include <utility>

#include <boost/json/parse.hpp>

#include "app/base/json_bounds.hpp"
#include "app/turns/cascade_event.hpp"

namespace app {
namespace {

namespace json = boost::json;

template <class T>
using parsed = boost::system::result<T, api_error>;

parsed<json::object> object_of(std::string_view body) {
  constexpr json_bounds bounds{.depth = 32, .values = 1000};  // a handful of members, and room for more
  if (auto excess = excess_of(body, bounds)) return bad_request(std::move(*excess));
  boost::system::error_code error;
  auto value = json::parse(body, error);
  if (error) return bad_request("The body is not valid JSON: " + error.message() + '.');
  if (!value.is_object()) return bad_request("The body is not a JSON object.");
  return std::move(value.get_object());
}

parsed<std::string> text_of(const json::object& members, std::string_view name) {
  const auto* value = members.if_contains(name);
  if (value == nullptr) return std::string();
  if (!value->is_string()) return invalid_parameter(std::string(name), "It must be a string.");
  return std::string(value->get_string());
}

std::optional<cascade::permission> verdict_of(const json::value& value) {
  constexpr std::array all{cascade::permission::deny, cascade::permission::allow, cascade::permission::report};
  if (!value.is_string()) return std::nullopt;
  for (const auto each : all) {
    if (value.get_string() == to_string(each)) return each;
  }
  return std::nullopt;
}

api_error bad_verdict(std::string name) {
  return invalid_parameter(std::move(name), R"(It must be "deny", "allow" or "report".)");
}

parsed<cascade::permission_policy> policy_of(const json::object& members, cascade::permission_policy policy) {
  const auto* value = members.if_contains("permissions");
  if (value == nullptr) return policy;
  if (const auto one = verdict_of(*value)) return cascade::permission_policy{*one, *one, *one};
  if (!value->is_object()) return bad_verdict("permissions");
  for (const auto& [name, said] : value->get_object()) {
    const auto verdict = verdict_of(said);
    auto* which = name == "run_command" ? &policy.run_command
                  : name == "file"      ? &policy.file
                  : name == "other"     ? &policy.other
                                        : nullptr;
    if (which == nullptr) return invalid_parameter("permissions." + std::string(name), "There is no such kind.");
    if (!verdict) return bad_verdict("permissions." + std::string(name));
    *which = *verdict;
  }
  return policy;
}

struct permission_kind {
  std::string_view name;  // in a request
  std::string_view key;   // in the configuration
  cascade::permission cascade::permission_policy::* place;
};

constexpr std::array permission_kinds{
    permission_kind{"run_command", "command", &cascade::permission_policy::run_command},
    permission_kind{"file", "file", &cascade::permission_policy::file},
    permission_kind{"other", "other", &cascade::permission_policy::other}};

/// With report the client decides, so it permits more than deny.
int rank_of(cascade::permission verdict) {
  if (verdict == cascade::permission::deny) return 0;
  return verdict == cascade::permission::report ? 1 : 2;
}

api_error beyond_grant(const permission_kind& kind, cascade::permission granted, const permission_rule& rule) {
  std::string message = "A client may not raise what the service grants to steps of the kind " +
                        std::string(kind.name) + ", which is \"" + std::string(to_string(granted)) + "\". ";
  message += rule.client_decides
                 ? "api.permissions is \"client\", but that takes the service's key: send it as Authorization: Bearer "
                   "<key>; `zerogravity key show` prints it."
                 : "Set language_server.permission_" + std::string(kind.key) +
                       ", or api.permissions = \"client\" for clients that send the service's key.";
  return {403, "invalid_request_error", "permission_not_granted", std::move(message), "permissions"};
}

}  // namespace

parsed<turn_wish> parse_turn_wish(std::string_view body, const cascade::permission_policy& usual) {
  const auto members = object_of(body);
  if (members.has_error()) return members.error();
  auto text = text_of(*members, "text");
  if (text.has_error()) return text.error();
  if (text->empty()) return invalid_parameter("text", "There is nothing to say: text is missing or empty.");
  auto model = text_of(*members, "model");
  if (model.has_error()) return model.error();
  const auto policy = policy_of(*members, usual);
  if (policy.has_error()) return policy.error();
  return turn_wish{std::move(*text), std::move(*model), *policy};
}

std::optional<api_error> refuse_permissions(const cascade::permission_policy& wished, const permission_rule& rule,
                                            bool with_key) {
  if (rule.client_decides && with_key) return std::nullopt;
  for (const auto& kind : permission_kinds) {
    const auto asked = wished.*kind.place;
    const auto granted = rule.granted.*kind.place;
    if (rank_of(asked) > rank_of(granted)) return beyond_grant(kind, granted, rule);
  }
  return std::nullopt;
}

std::optional<api_error> refuse_allowing(cascade::interaction_kind kind, const permission_rule& rule, bool with_key) {
  const bool granted = rule.granted.of(kind) != cascade::permission::deny;
  if (granted || (rule.client_decides && with_key)) return std::nullopt;
  const auto& named = kind == cascade::interaction_kind::run_command       ? permission_kinds[0]
                      : kind == cascade::interaction_kind::file_permission ? permission_kinds[1]
                                                                           : permission_kinds[2];
  return beyond_grant(named, cascade::permission::deny, rule);
}

parsed<interaction_answer> parse_interaction(std::string_view body) {
  const auto members = object_of(body);
  if (members.has_error()) return members.error();
  auto trajectory = text_of(*members, "trajectory_id");
  if (trajectory.has_error()) return trajectory.error();
  const auto kind = text_of(*members, "kind");
  if (kind.has_error()) return kind.error();
  const auto* step = members->if_contains("step");
  if (step == nullptr || !step->is_int64() || step->get_int64() < 0 ||
      step->get_int64() > std::numeric_limits<std::uint32_t>::max()) {
    return invalid_parameter("step", "It must be the index of the step that waits.");
  }
  const auto* allow = members->if_contains("allow");
  if (allow == nullptr || !allow->is_bool()) return invalid_parameter("allow", "It must be true or false.");
  interaction_answer answer{
      static_cast<std::uint32_t>(step->get_int64()), std::move(*trajectory), {}, allow->get_bool()};
  const auto known = interaction_of(*kind);
  if (!known) return invalid_parameter("kind", "It must be the kind that the waiting event told.");
  answer.kind = *known;
  return answer;
}

}  // namespace app
