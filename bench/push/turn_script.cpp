#include "bench/push/turn_script.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <string>

#include <spdlog/fmt/fmt.h>

#include "test/sim/language_server/updates.hpp"

namespace bench {
namespace {

namespace cortex = exa::cortex_pb;
using exa::reactive_component_pb::MessageDiff;
using exa::reactive_component_pb::SingularValue;

constexpr std::size_t digits = 16;
constexpr std::size_t earlier_step_bytes = 10'000;

gemini_coder::Step user_step() {
  gemini_coder::Step step;
  step.set_type(cortex::CORTEX_STEP_TYPE_USER_INPUT);
  step.set_status(cortex::CORTEX_STEP_STATUS_DONE);
  step.mutable_user_input()->set_query("go on");
  return step;
}

gemini_coder::Step reply_step(std::string text, cortex::CortexStepStatus status) {
  gemini_coder::Step step;
  step.set_type(cortex::CORTEX_STEP_TYPE_PLANNER_RESPONSE);
  step.set_status(status);
  step.mutable_planner_response()->set_response(std::move(text));
  return step;
}

/// The string that ends with the record just written, at any depth of the diff.
std::string* find_record(MessageDiff& in);

std::string* find_record(SingularValue& in) {
  if (in.has_message_value()) return find_record(*in.mutable_message_value());
  const bool ends = in.value_case() == SingularValue::kStringValue && in.string_value().ends_with("~\n");
  return ends ? in.mutable_string_value() : nullptr;
}

std::string* find_record(MessageDiff& in) {
  for (auto& field : *in.mutable_field_diffs()) {
    if (field.has_update_singular()) {
      if (auto* found = find_record(*field.mutable_update_singular())) return found;
    }
    if (!field.has_update_repeated()) continue;
    for (auto& value : *field.mutable_update_repeated()->mutable_update_values()) {
      if (auto* found = find_record(value)) return found;
    }
  }
  return nullptr;
}

std::string blank_record() {
  return std::string(record_size - 2, '.') + "~\n";
}

}  // namespace

turn_script::turn_script(std::size_t earlier_bytes) : now_(sim::ls::new_transcript("bench", 0)) {
  now_.status = cortex::CASCADE_RUN_STATUS_RUNNING;
  const auto past = std::make_shared<const gemini_coder::Step>(
      reply_step(std::string(earlier_step_bytes, 'x'), cortex::CORTEX_STEP_STATUS_DONE));
  now_.steps.assign(earlier_steps(earlier_bytes), past);
  now_.append(user_step());
  now_.append(reply_step({}, cortex::CORTEX_STEP_STATUS_GENERATING));
}

std::uint32_t turn_script::earlier_steps(std::size_t earlier_bytes) {
  return static_cast<std::uint32_t>(earlier_bytes / earlier_step_bytes);
}

turn_script::update turn_script::snapshot() {
  return told({});
}

turn_script::update turn_script::next(const std::function<std::uint64_t()>& number) {
  auto last = static_cast<std::uint32_t>(now_.steps.size() - 1);
  // The number of the previous record, which was known only when its update was ready.
  if (records_ > 0)
    now_.edit(last, [this](auto& step) { write_stamp(*step.mutable_planner_response()->mutable_response()); });
  const sim::ls::transcript before = now_;
  if (records_ == records_per_step) {
    now_.edit(last, [](auto& step) { step.set_status(cortex::CORTEX_STEP_STATUS_DONE); });
    last = now_.append(reply_step({}, cortex::CORTEX_STEP_STATUS_GENERATING));
    records_ = 0;
  }
  ++records_;
  now_.edit(last, [](auto& step) { step.mutable_planner_response()->mutable_response()->append(blank_record()); });
  update out = told(before);
  std::string* text = find_record(*out.mutable_diff());
  if (text == nullptr) throw std::logic_error("the simulator's diff does not hold the record");
  stamp_ = fmt::format("{:016x}", number());
  write_stamp(*text);
  return out;
}

void turn_script::write_stamp(std::string& text) const {
  std::copy(stamp_.begin(), stamp_.end(), text.end() - record_size);
}

turn_script::update turn_script::told(const sim::ls::transcript& before) {
  update out;
  out.set_version(++version_);
  *out.mutable_diff() = sim::ls::reactive_diff(before, now_);
  return out;
}

void each_record(std::string_view text, const std::function<void(std::uint64_t)>& then) {
  for (; text.size() >= record_size; text.remove_prefix(record_size)) {
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + digits, number, 16);
    then(number);
  }
}

}  // namespace bench
