#include "usage/answer_members.hpp"

#include <algorithm>
#include <utility>

#include "net/text/decimal.hpp"
#include "usage/usage_object.hpp"

namespace usage {
namespace {

using scalar = json_scanner::scalar;

/// As the counter is kept.
std::optional<std::int64_t> parse_counter(member which, std::string_view text) {
  if (which == member::cost) return net::text::parse_decimal(text, 9);
  if (which == member::audio_seconds) return net::text::parse_decimal(text, 3);
  return net::text::parse_count(text);
}

}  // namespace

void answer_members::on_scalar(int tag, scalar kind, std::string_view text) {
  const auto which = static_cast<member>(tag);
  if (kind == scalar::null) return;
  if (tag < static_cast<int>(counter_count)) return on_count(which, text);
  switch (which) {
    case member::type:
      return on_type(text);
    case member::retry_delay:
      failed_ = true;
      if (!retry_delay_ms_) retry_delay_ms_ = net::text::parse_seconds(text);
      return;
    default:
      return on_name(which, kind, text);
  }
}

void answer_members::on_count(member which, std::string_view text) {
  const auto value = parse_counter(which, text);
  if (!value) {
    flags_ |= count_unreadable;
    return;
  }
  if (*value != 0 || !counts_[which]) told_ |= 1u << static_cast<unsigned>(which);
  if (which == member::input_part) {
    counts_[member::input] = std::min(counts_[member::input].value_or(0) + *value, net::text::max_count);
    return;
  }
  // Some streams repeat at their end, as 0, what they told at their beginning.
  if (*value == 0 && counts_[which].value_or(0) != 0) return;
  counts_[which] = value;
}

void answer_members::on_name(member which, scalar kind, std::string_view text) {
  std::string& name = slot(which);
  const bool of_error = which >= member::error && which <= member::error_reason;
  failed_ = failed_ || (of_error && (which != member::error || kind == scalar::string));
  if (kind != scalar::string) return;     // a numeric code repeats the HTTP status
  if (of_error && !name.empty()) return;  // the first error is the cause
  name.assign(text.substr(0, max_name));
}

void answer_members::on_type(std::string_view type) {
  slot(member::type).assign(type.substr(0, max_name));
  error_document_ = type == "error";
  failed_ = failed_ || error_document_ || type == "response.failed";
  stream_ended_ = stream_ended_ || (terms_->ends_stream != nullptr && terms_->ends_stream(type));
}

void answer_members::on_verbatim(int tag, std::string_view json) {
  const auto which = static_cast<member>(tag);
  if (which == member::error) {
    failed_ = true;
    return;
  }
  if (which == member::tool_usage) {
    slot(which).assign(json);
    return;
  }
  if (terms_->adds_up) return add_one(json);
  if (told_ != 0) keep(json);  // an object without counts ({}, or only a traffic type) replaces none
}

/// Objects that tell nothing beyond this one go, so that those left are enough to read the row again.
void answer_members::keep(std::string_view json) {
  const std::uint32_t told = std::exchange(told_, 0);
  const auto covered = [told](const kept_object& each) { return (each.told & ~told) == 0; };
  auto place = std::ranges::find_if(kept_, covered);
  if (place == kept_.end() && kept_.size() == max_objects) place = kept_.begin();
  kept_object latest;
  if (place != kept_.end()) {
    latest = std::move(*place);  // with its memory
    kept_.erase(place);
    std::erase_if(kept_, covered);
  }
  latest.told = told;
  latest.json.assign(json);
  kept_.push_back(std::move(latest));
}

/// The call whose usage object has just ended is whole.
void answer_members::add_one(std::string_view json) {
  if (!counts_.any()) return;
  normal_form used = terms_->normalise(counts_);
  usage_details details;
  if (terms_->look_closer != nullptr) terms_->look_closer(json, used, details);
  counts_ = {};
  sums_.add(details.served_model.empty() ? name(member::model) : details.served_model, used);
  for (const side_call& side : details.sides) sums_.add(side.model, side.used);
}

void answer_members::fail(std::string_view reason) {
  failed_ = true;
  std::string& code = slot(member::error_code);
  if (code.empty()) code.assign(reason.substr(0, max_name));
}

void answer_members::end_document() {
  std::string& code = slot(member::event_code);
  if (error_document_ && slot(member::error_code).empty()) slot(member::error_code).assign(code);
  code.clear();
  error_document_ = false;
  told_ = 0;
}

normal_form answer_members::counted() const {
  if (!counts_.any()) return {.tokens = {}, .flags = flags_};
  normal_form form = terms_->normalise(counts_);
  form.flags |= flags_;
  return form;
}

answer_usage answer_members::usage() const {
  if (terms_->adds_up) return sums_.usage(flags_);
  answer_usage all;
  all.used = counted();
  all.facts = {
      .service_tier = name(member::service_tier).empty() ? name(member::traffic_type) : name(member::service_tier),
      .speed = name(member::speed),
      .region = name(member::region),
      .web_searches = counts_[member::web_searches],
      .web_fetches = counts_[member::web_fetches],
      .audio_ms = counts_[member::audio_seconds],
      .provider_cost = counts_[member::cost]};
  if (const auto& ticks = counts_[member::cost_ticks]; ticks && !all.facts.provider_cost)
    all.facts.provider_cost = *ticks / 10;
  if (terms_->look_closer != nullptr && !kept_.empty()) terms_->look_closer(kept_.back().json, all.used, all.details);
  if (const std::string& tool = name(member::tool_usage); !tool.empty()) {
    const usage_object told(openai_media_dialect(), tool);
    if (told.understood()) all.details.sides.push_back({"image_gen", name(member::tool_model), told.used(), tool});
  }
  return all;
}

std::string answer_members::raw_usage() const {
  if (kept_.empty()) return {};
  if (kept_.size() == 1) return kept_.front().json;
  std::string all;
  for (const kept_object& each : kept_) all.append(all.empty() ? "[" : ",").append(each.json);
  return all + ']';
}

const std::string& answer_members::reason() const {
  for (const member which : {member::error_reason, member::error_code, member::error_type})
    if (!name(which).empty()) return name(which);
  return name(member::error_status);
}

}  // namespace usage
