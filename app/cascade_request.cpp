#include "app/cascade_request.hpp"

#include <array>
#include <limits>
#include <optional>
#include <utility>

#include <boost/json/parse.hpp>

#include "app/cascade_event.hpp"
#include "app/openai/json_bounds.hpp"

namespace app {
namespace {

namespace json = boost::json;

template <class T>
using parsed = boost::system::result<T, api_error>;

parsed<json::object> object_of(std::string_view body) {
  constexpr openai::json_bounds bounds{.depth = 32, .values = 1000};  // a handful of members, and room for more
  if (auto excess = openai::excess_of(body, bounds)) return bad_request(std::move(*excess));
  boost::system::error_code error;
  auto value = json::parse(body, error);
  if (error) return bad_request("The body is not valid JSON: " + error.message() + '.');
  if (!value.is_object()) return bad_request("The body is not a JSON object.");
  return std::move(value.get_object());
}

parsed<std::string> text_of(const json::object& from, std::string_view name) {
  const auto* value = from.if_contains(name);
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

parsed<cascade::permission_policy> policy_of(const json::object& from, cascade::permission_policy policy) {
  const auto* value = from.if_contains("permissions");
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
