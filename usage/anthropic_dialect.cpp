#include <array>
#include <optional>
#include <string>

#include "usage/dialect.hpp"
#include "usage/summed_answers.hpp"
#include "usage/usage_object.hpp"

namespace usage {
namespace {

// https://docs.anthropic.com/en/api/messages: input_tokens is disjoint from both cache counts.
constexpr std::array messages_usage{
    json_path{"input_tokens", tag(member::input)},
    json_path{"cache_read_input_tokens", tag(member::cached)},
    json_path{"cache_creation_input_tokens", tag(member::cache_write)},
    json_path{"cache_creation.ephemeral_5m_input_tokens", tag(member::cache_write_5m)},
    json_path{"cache_creation.ephemeral_1h_input_tokens", tag(member::cache_write_1h)},
    json_path{"output_tokens", tag(member::output)},
    json_path{"output_tokens_details.thinking_tokens", tag(member::thinking)},
    json_path{"server_tool_use.web_search_requests", tag(member::web_searches)},
    json_path{"server_tool_use.web_fetch_requests", tag(member::web_fetches)},
    json_path{"service_tier", tag(member::service_tier)},
    json_path{"speed", tag(member::speed)},
    json_path{"inference_geo", tag(member::region)},
};

constexpr std::array messages_document{
    json_path{"type", tag(member::type)},     json_path{"message.model", tag(member::model)},
    json_path{"message.id", tag(member::id)}, json_path{"model", tag(member::model)},
    json_path{"id", tag(member::id)},
};

// https://docs.anthropic.com/en/api/retrieving-message-batch-results
constexpr std::array batch_line{json_path{"result.message.model", tag(member::model)}};

normal_form normalise_messages(const counters& seen) {
  normal_form form;
  form.tokens.input_uncached = seen[member::input];
  form.tokens.cache_read = seen[member::cached];
  form.tokens.cache_write = seen[member::cache_write];
  form.tokens.output_total = seen[member::output];
  form.tokens.thinking = seen[member::thinking];
  const auto& brief = seen[member::cache_write_5m];
  const auto& lasting = seen[member::cache_write_1h];
  if (brief || lasting) {
    const std::int64_t written = brief.value_or(0) + lasting.value_or(0);
    if (!form.tokens.cache_write) form.tokens.cache_write = written;
    if (brief && lasting && *form.tokens.cache_write != written) form.flags |= total_differs;
  }
  take_parts(form, seen);
  return form;
}

void replace(std::optional<std::int64_t>& old, const std::optional<std::int64_t>& told) {
  if (told) old = told;
}

/// The passes that an answer took. The top level sums those that led to the answer; it leaves out what compacting the
/// conversation and asking an advisor took, and what a model spent that declined, which is not billed.
class iterations {
 public:
  void see(const usage_object& pass, std::string_view raw, usage_details& details) {
    const normal_form used = pass.used();
    if (pass.type() == "compaction") {
      add(compacting_, used.tokens);
    } else if (pass.type() == "advisor_message") {
      details.sides.push_back({"advisor", pass.model(), used, std::string(raw)});
    } else if (pass.type() == "fallback_message") {
      answering_ = before_latest_;  // the latest one declined
      details.served_model = pass.model();
      see_answer(used.tokens);
    } else if (pass.type() == "message") {
      see_answer(used.tokens);
    }
  }

  void settle(normal_form& form) {
    if (seen_ && answering_.output_total != form.tokens.output_total) {
      form.flags |= total_differs;
    } else if (seen_) {
      // They are of the model that answered; the start of the stream may still tell those of one that declined.
      replace(form.tokens.input_uncached, answering_.input_uncached);
      replace(form.tokens.cache_read, answering_.cache_read);
      replace(form.tokens.cache_write, answering_.cache_write);
    }
    add(form.tokens, compacting_);
  }

 private:
  void see_answer(const token_usage& tokens) {
    before_latest_ = answering_;
    add(answering_, tokens);
    seen_ = true;
  }

  token_usage compacting_;
  token_usage answering_;
  token_usage before_latest_;
  bool seen_ = false;
};

void look_at_iterations(std::string_view raw, normal_form& form, usage_details& details) {
  static const json_paths passes{{"iterations[*]", 0, selection::verbatim}};
  iterations all;
  for_each_element(raw, "iterations", passes, [&](int, std::string_view pass) {
    all.see(usage_object(anthropic_dialect(), pass), pass, details);
  });
  all.settle(form);
}

/// A usage object and, in it, each pass.
json_paths messages_objects() {
  json_paths all(messages_usage);
  all.add({}, std::array{json_path{"type", tag(member::type)}, json_path{"model", tag(member::model)}});
  return all;
}

}  // namespace

const dialect& anthropic_dialect() {
  static const dialect instance{.name = "anthropic.messages",
                                .family = provider::anthropic,
                                .paths = answer_paths({"message.usage", "usage"}, messages_usage, messages_document),
                                .objects = messages_objects(),
                                .normalise = normalise_messages,
                                .ends_stream = [](std::string_view type) { return type == "message_stop"; },
                                .look_closer = look_at_iterations};
  return instance;
}

const dialect& anthropic_batch_dialect() {
  static const dialect instance{.name = "anthropic.batch",
                                .family = provider::anthropic,
                                .paths = usage_paths({"result.message.usage"}, messages_usage, batch_line),
                                .objects = messages_objects(),
                                .normalise = normalise_messages,
                                .look_closer = look_at_iterations,
                                .adds_up = true};
  return instance;
}

}  // namespace usage
